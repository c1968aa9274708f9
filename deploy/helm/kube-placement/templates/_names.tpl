{{- define "placement.labels" -}}
app.kubernetes.io/name: kube-placement
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
{{- define "placement.selector" -}}
app.kubernetes.io/name: kube-placement
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "placement.scheme" -}}
{{- if .Values.tls.secret }}HTTPS{{ else }}HTTP{{ end }}
{{- end }}
