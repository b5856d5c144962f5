"""Problems as people read them."""

from hiera.errors import Location, Problem


def test_nothing_that_is_shown_can_move_the_cursor_or_turn_the_text_around():
    problem = Problem("c", "key 'a\x1b[2Jb\x9b\x07'", Location("f.yaml", 1, 2), "try \u202eevil\x7f")
    shown = problem.render(lambda _file, _line: "x\x1b]0;y\r\u2066z")

    assert shown == (
        "error[c]: key 'a\ufffd[2Jb\ufffd\ufffd'\n  --> f.yaml:1:2\n1 | x\ufffd]0;y\ufffd\ufffdz\n  |  ^\n"
        "  help: try \ufffdevil\ufffd"
    )
