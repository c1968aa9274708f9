from placement.cli.progress import ProgressLine, described
from placement_solvers.stop import Progress


def test_says_cost_bound_gap_and_time():
    assert described(Progress(3.24, 10, 2, (0, 8), (0, 6))) == "cost 0/8 · bound 0/6 · gap 25.0% · 3.2 s"


def test_a_search_without_a_bound_shows_none():
    assert described(Progress(0.5, 1, 0, (1234,), None)) == "cost 1,234 · 0.5 s"


def test_a_pipe_gets_notices_but_no_progress(capfd):
    with ProgressLine() as line:
        line.notice("compiling kernels")
        line.progress(Progress(1.0, 1, 0, (1,), None))

    assert capfd.readouterr() == ("", "placement: compiling kernels\n")


def test_a_terminal_gets_the_progress(capfd, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")

    with ProgressLine() as line:
        line.progress(Progress(1.0, 1, 0, (7,), None))
        line.progress(Progress(1.0, 1, 0, (5,), None))

    captured = capfd.readouterr()
    assert "cost 7 · 1.0 s" in captured.err
    assert "cost 5" not in captured.err
    assert captured.out == ""
