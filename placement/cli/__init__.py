"""The command ``placement``, which kubectl finds as ``kubectl placement`` too.

Modules here import nothing heavy at the top: ``--help`` must answer before numpy could be loaded.
"""
