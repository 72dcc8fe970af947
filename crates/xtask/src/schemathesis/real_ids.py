"""Adds to the configuration of schemathesis what the demonstration really has: real ids, numbers and codes
for the parameters of paths, so that calls reach more than a 404. Now and then schemathesis makes up its own.

    real_ids.py ADDRESS KEY CONFIGURATION < schemathesis.toml
"""

import json
import sys
import urllib.error
import urllib.request

ADDRESS, KEY, CONFIGURATION = sys.argv[1:]

# The list, where in its answer the values stand, and which parameters of which paths they are.
CASE = ["timeline", "tasks", "notes", "messages", "decisions", "observables", "search", "stix", "misp", "situations",
        "impact", "postponed", "awareness", "clocks", "evidence", "runs"]
# What stands in a case: its list, and the paths below it of one.
IN_CASE = [
    ("tasks", "tasks", "task", ["tasks/{task}"]),
    ("notes", "notes", "note", ["notes/{note}"]),
    ("impact", "services", "service", ["impact/{service}"]),
    ("clocks", "clocks", "clock", ["clocks/{clock}", "clocks/{clock}/sent", "clocks/{clock}/not-required"]),
    ("evidence", "evidence", "evidence", ["evidence/{evidence}", "evidence/{evidence}/read"]),
    ("runs", "runs", "run", ["runs/{run}", "runs/{run}/status", "runs/{run}/tasks/{task}"]),
]
LISTS = [
    ("/api/v1/alerts", "alerts", "number", ["/api/v1/alerts/{number}", "/api/v1/alerts/{number}/acknowledge",
                                            "/api/v1/alerts/{number}/responses",
                                            "/api/v1/alerts/{number}/questions",
                                            "/api/v1/alerts/{number}/questions/{id}",
                                            "/api/v1/alerts/{number}/faq",
                                            "/api/v1/alerts/{number}/responses/{code}"]),
    ("/api/v1/organisations", "organisations", "code", ["/api/v1/organisations/{code}",
                                                        "/api/v1/alerts/{number}/responses/{code}"]),
    ("/api/v1/cert/threats", "threats", "id", ["/api/v1/cert/threats/{id}"]),
    ("/api/v1/cert/areas", "areas", "area", ["/api/v1/cert/areas/{area}/threats"]),
    ("/api/v1/cert/feeds", "feeds", "id", ["/api/v1/cert/feeds/{id}"]),
    ("/api/v1/cert/advisories", "versions", "number", ["/api/v1/cert/advisories/{number}"]),
    ("/api/v1/cert/alerts", "alerts", "id", ["/api/v1/cert/alerts/{id}", "/api/v1/cert/alerts/{id}/responses"]),
    ("/api/v1/cert/questions", "questions", "id", ["/api/v1/cert/questions/{id}"]),
    ("/api/v1/cert/webhooks", "webhooks", "id", ["/api/v1/cert/webhooks/{id}"]),
] + [
    (incidents, "incidents", "number", [f"{incidents}/{{number}}"] + [f"{incidents}/{{number}}/{part}" for part in CASE + [path for _, _, _, paths in IN_CASE for path in paths]])
    for incidents in ["/api/v1/incidents", "/api/v1/cert/incidents"]
]


def read(path):
    """The answer of a list; none where the key does not open it."""
    request = urllib.request.Request(ADDRESS + path, headers={"Authorization": f"Bearer {KEY}"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        if refused.code != 403:
            raise
        return None


dictionaries, operations = [], {}
for path, rows, name, used_in in LISTS:
    answer = read(path)
    values = list(dict.fromkeys(row[name] for row in answer[rows]))[:5] if answer else []
    if not values:
        continue
    called = f"d{len(dictionaries)}"
    dictionaries.append(f"[dictionaries.{called}]\nvalues = {json.dumps(values)}\n")
    for used in used_in:
        operations.setdefault(used, []).append(f'"path.{name}" = {{ dictionary = "{called}", probability = 0.8 }}')

# What stands in a case: of the first that has any.
for incidents in ["/api/v1/incidents", "/api/v1/cert/incidents"]:
    numbers = [incident["number"] for incident in (read(incidents) or {"incidents": []})["incidents"]]
    for part, rows, name, paths in IN_CASE:
        for number in numbers:
            found = (read(f"{incidents}/{number}/{part}") or {rows: []})[rows]
            if found:
                called = f"d{len(dictionaries)}"
                dictionaries.append(f"[dictionaries.{called}]\nvalues = {json.dumps([row['id'] for row in found[:5]])}\n")
                for path in paths:
                    operations.setdefault(f"{incidents}/{{number}}/{path}", []).append(
                        f'"path.{name}" = {{ dictionary = "{called}", probability = 0.8 }}')
                break

with open(CONFIGURATION, "w", encoding="utf-8") as out:
    out.write(sys.stdin.read() + "\n" + "\n".join(dictionaries))
    for path, parameters in operations.items():
        out.write(f"\n[[operations]]\ninclude-path = {json.dumps(path)}\nparameters = {{ {', '.join(parameters)} }}\n")
