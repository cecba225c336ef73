"""`feedmill`: the entry point, the list of commands, and what every way to fail looks like.

Exit codes: 0 done, 1 a part of the work failed (said which), 2 the call or the configuration is wrong,
130 interrupted. Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import traceback

import click

from worker import __version__
from worker.cli import (
    archive,
    articles,
    config,
    demo,
    doctor,
    erase,
    explain,
    extract,
    feeds,
    freshness,
    index,
    kibana,
    poll,
    processes,
    rebuild,
    search,
    status,
    stories,
    story,
)
from worker.cli.terminal import say
from worker.errors import FeedmillError, IndexUnavailable, UsageError

# The disk is full, or the place is not ours to write to: mended by the caller, not by trying again.
PLACE_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}

SECTIONS = (
    ("Run", ("run", "demo", "scheduler", "worker", "websub")),
    ("Read the archive", ("search", "show", "story", "stories", "explain", "status", "freshness", "export")),
    ("Feeds and pages", ("feeds", "poll", "extract", "import")),
    ("Look after it", ("doctor", "config", "index", "rebuild", "kibana", "erase")),
)


class Sections(click.Group):
    """Lists the commands by what a person wants to do, instead of by the alphabet."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in SECTIONS:
            rows = [(name, self.commands[name].get_short_help_str(limit=90)) for name in names]
            with formatter.section(title):
                formatter.write_dl(rows)


@click.group(cls=Sections, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="feedmill", message="%(prog)s %(version)s")
def cli() -> None:
    """Feedmill turns RSS, Atom and JSON feeds into a searchable news archive.

    Start with `feedmill demo` (needs no network), then `feedmill run` and `feedmill search WORDS`.
    Without any configuration everything lives in ./data; with FEEDMILL_REDIS__URL and FEEDMILL_INDEX__URL
    the same commands work on a Redis or Valkey server and on Elasticsearch.
    """


for command in (
    processes.run,
    processes.scheduler,
    processes.worker,
    processes.websub,
    demo.demo,
    search.search,
    articles.show,
    story.story,
    stories.stories,
    explain.explain,
    status.status,
    freshness.freshness,
    archive.export,
    archive.import_,
    feeds.feeds,
    poll.poll,
    extract.extract,
    doctor.doctor,
    config.config,
    index.index,
    rebuild.rebuild,
    kibana.kibana,
    erase.erase,
):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; no exception leaves this function."""
    if "_FEEDMILL_COMPLETE" in os.environ:  # the shell asks for completions
        cli.main(prog_name="feedmill")
    # Not click's own `main`: it makes a failure of a reader that has enough, and says it on several lines.
    try:
        with cli.make_context("feedmill", list(sys.argv[1:] if arguments is None else arguments)) as context:
            result = cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as ended:  # --help, --version
        result = ended.exit_code
    except BrokenPipeError:
        _close_stdout()
        return 0  # the reader has what it wanted (`feedmill search ... | head`)
    except (KeyboardInterrupt, click.exceptions.Abort):
        say("interrupted")
        return 130
    except click.exceptions.NoArgsIsHelpError as error:
        say(error.format_message())
        return 2
    except click.ClickException as error:
        say(_click_message(error))
        return 2
    except UsageError as error:
        say(f"feedmill: {error}")
        return 2
    except IndexUnavailable as error:
        say(f"feedmill: the index does not answer: {error}; `feedmill doctor` looks closer")
        return 2
    except FeedmillError as error:
        say(f"feedmill: {error}")
        return 1
    except OSError as error:
        say(_explained(error, f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"))
        return 2 if error.errno in PLACE_ERRORS else 1
    except Exception as error:
        if type(error).__module__.startswith("redis."):
            from worker.state.full import refusal

            if full := refusal(error):
                say(f"feedmill: {full}")
                return 2
            say(f"feedmill: Redis does not answer: {error}; `feedmill doctor` looks closer")
            return 2
        first_line = next(iter(str(error).splitlines()), "no text")
        say(_explained(error, f"unexpected {type(error).__name__}: {first_line}"))
        return 1
    return result if isinstance(result, int) else 0


def _click_message(error: click.ClickException) -> str:
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "feedmill"
    message = error.format_message().strip().replace("\n", " ").rstrip(".")
    return f"feedmill: {message}; `{path} --help` explains"


def _explained(error: Exception, message: str) -> str:
    """One line for a person; the traceback only when it was asked for, since it can show a text or a secret."""
    if os.environ.get("FEEDMILL_LOG__LEVEL", "").lower() == "debug":
        return "".join(traceback.format_exception(error)) + f"feedmill: {message}"
    return f"feedmill: {message}; FEEDMILL_LOG__LEVEL=debug shows where"


def _close_stdout() -> None:
    """Point stdout at nothing, so that the flush at the end of the process does not complain again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
