#!/usr/bin/env python3
"""Writes the manual pages from what the program tells of itself: the help of each command, and the
schema of a job file.

    packaging/man/make_pages.py build/release/src/skein             writes them beside this file
    packaging/man/make_pages.py build/release/src/skein --check     fails if they are not those
"""
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
VERSION = re.search(r'SKEIN_VERSION "(.*)"',
                    (HERE.parents[1] / "include" / "skein" / "version.hpp").read_text(encoding="utf-8"))[1]


def told(program, *words):
    environment = {**os.environ, "COLUMNS": "80"}
    return subprocess.run([program, *words], check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout


def roff(text):
    """Text as troff reads it: no escape, no request at the beginning of a line."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace("`", r"\(ga")
    return "\n".join(r"\&" + line if line.startswith(".") else line for line in text.splitlines())


def page(name, section, about, parts):
    text = f'.\\" Written by packaging/man/make_pages.py\n.TH {name.upper()} {section} "" "skein {VERSION}"\n'
    text += f".SH NAME\n{name} \\- {roff(about)}\n"
    return text + "".join(f".SH {head}\n{body}" for head, body in parts)


# skein.1

def entries(text):
    """The lines of a table of the help: a term, and what it means, which may go on below."""
    found = []
    for line in text.splitlines():
        if match := re.match(r"  (\S.*?)(?:  +(.*))?$", line):
            if line.startswith("    ") and found:
                found[-1][1] += " " + line.strip()
            else:
                found.append([match[1], match[2] or ""])
        elif line.strip() and found:
            found[-1][1] += " " + line.strip()
    return found


def section_of(text, head):
    match = re.search(rf"^{head}:\n(.*?)(?:\n\n|\Z)", text, re.S | re.M)
    return match[1] if match else ""


def terms(found):
    return "".join(f".TP\n.B {roff(term)}\n{roff(about)}\n" for term, about in found)


def program_page(program):
    whole = told(program, "--help")
    commands = entries(section_of(whole, "Subcommands"))
    body = ""
    for name, about in commands:
        text = told(program, name, "--help")
        body += f".SS skein {roff(name)}\n{roff(about[:1].upper() + about[1:])}.\n"
        body += terms(entries(section_of(text, "Positionals")))
        body += terms([term, about] for term, about in entries(section_of(text, "Options"))
                      if not term.startswith("-h,"))
    first, exit_status = re.search(r"\nA first try.*?:\n\n(.*?)\n\nExit status: (.*)", whole, re.S).groups()
    example = "\n".join(line[4:] for line in first.splitlines())
    statuses = roff(re.sub(r"\s+", " ", exit_status).strip())
    return page("skein", 1, "concurrent client of large-language-model APIs", [
        ("SYNOPSIS", ".B skein\n.I command\n[\n.I argument\n\\&... ]\n"),
        ("DESCRIPTION", roff(re.sub(r"\s+", " ", whole.split("\n\n")[0])) + "\n"),
        ("COMMANDS", body),
        ("EXIT STATUS", statuses + "\n"),
        ("EXAMPLE", ".nf\n" + roff(example) + "\n.fi\n"),
        ("SEE ALSO", ".BR skein-job (5)\n"),
    ])


# skein-job.5

def kind_of(schema):
    if "enum" in schema:
        return ", ".join(json.dumps(value) for value in schema["enum"])
    kind = schema.get("type", "")
    return " or ".join(kind) if isinstance(kind, list) else kind


def keys(schema, path=""):
    for name, one in schema.get("properties", {}).items():
        yield path + name, one
        inside = one.get("items", {}) if one.get("type") == "array" else one
        yield from keys(inside, f"{path}{name}{'[]' if inside is not one else ''}.")


def key_page(schema):
    body = ""
    for name, one in keys(schema):
        body += f".TP\n.B {roff(name)}\n{roff(one.get('description', ''))}\n"
        facts = [kind_of(one)] if kind_of(one) else []
        if "default" in one:
            facts.append("default: " + json.dumps(one["default"]))
        if facts:
            body += f".br\n{roff('(' + '; '.join(facts) + ')')}\n"
    return page("skein-job", 5, "the job file of skein", [
        ("DESCRIPTION", roff("A job is one YAML file. " + schema["description"]) + "\n"),
        ("KEYS", body),
        ("SEE ALSO", ".BR skein (1)\n"),
    ])


def main():
    program, *options = sys.argv[1:]
    pages = {"skein.1": program_page(program), "skein-job.5": key_page(json.loads(told(program, "schema")))}
    if options == ["--check"]:
        old = [name for name, text in pages.items() if (HERE / name).read_text(encoding="utf-8") != text]
        if old:
            print("out of date: " + ", ".join(old) + "; write them by: packaging/man/make_pages.py PROGRAM")
        return 1 if old else 0
    for name, text in pages.items():
        (HERE / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
