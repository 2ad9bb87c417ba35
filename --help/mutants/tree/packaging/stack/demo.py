"""The demo behind packaging/demo: starts a stack, walks the tour, and serves, returns or ends as asked."""

import argparse
import signal
import sys
import threading

from .build import SOURCE
from .folder import FolderError
from .stack import Stack
from .terminal import Terminal
from .tour import Tour


def main() -> int:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--dir", default=str(SOURCE / "build/demo"))
    parser.add_argument("--build-dir", default=str(SOURCE / "build"))
    parser.add_argument("--exit", action="store_true")
    parser.add_argument("--keep-running", action="store_true")
    parser.add_argument("--stop", action="store_true")
    options = parser.parse_args()
    terminal = Terminal()
    stack = Stack(options.dir, options.build_dir)
    if options.stop:
        ran = stack.stop()
        print(f"Ended what ran in {stack.folder.path}." if ran else f"Nothing runs in {stack.folder.path}.")
        return 0

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        terminal.title(f"mogiri in {stack.folder.path}")
        stack.start(terminal.progress, options.keep_running)
    except KeyboardInterrupt:
        return 130
    except (FolderError, RuntimeError, AssertionError) as error:
        terminal.failed(str(error))
        print(stack.logs(15), file=sys.stderr)
        return 1

    status = 1
    try:
        Tour(stack, terminal).walk()
        status = 0
    except KeyboardInterrupt:
        status = 130
    except Exception as error:  # noqa: BLE001: whatever a step met is this demo's result
        terminal.failed(f"{type(error).__name__}: {error}")
        print(stack.logs(30), file=sys.stderr)
    if status == 0 and not options.exit:
        if options.keep_running:
            _addresses(stack, terminal, options.keep_running)
            return 0
        _serve(stack, terminal)
    stack.stop()
    return status


def _serve(stack: Stack, terminal: Terminal) -> None:
    try:
        _addresses(stack, terminal, keep_running=False)
        threading.Event().wait()
    except KeyboardInterrupt:
        terminal.title("Ending.")


def _interrupt(*_) -> None:
    raise KeyboardInterrupt


def _addresses(stack: Stack, terminal: Terminal, keep_running: bool) -> None:
    env = stack.env
    terminal.title("Open in a browser")
    terminal.pairs([("application for students", env["BASE_URL"] + "/apply/student"),
                    ("application for teachers", env["BASE_URL"] + "/apply/teacher"),
                    ("metrics", env["METRICS_URL"])])
    terminal.title("On this machine")
    terminal.pairs([("mails", env["MAIL_SPOOL"]), ("logs", str(stack.folder.log)),
                    ("addresses, keys and process ids", str(stack.folder.env))])
    if keep_running:
        terminal.title(f"It runs on. To end it: packaging/demo --stop --dir {stack.folder.path}")
    else:
        terminal.title("Serving. Ctrl-C ends it.")


if __name__ == "__main__":
    sys.exit(main())
