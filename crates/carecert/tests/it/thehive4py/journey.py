"""What TheHive's own client does here, call by call: the calls that docs/thehive.md says are covered.

    journey.py organisation ADDRESS KEY KEY KEY  says the ids of what it made, as JSON; a key may call a hundred times at once
    journey.py cert ADDRESS KEY IDS           goes on with those
"""

import json
import sys

from thehive4py import TheHiveApi
from thehive4py.errors import TheHiveError
from thehive4py.helpers import now_to_ts
from thehive4py.query.filters import (
    Between, EndsWith, Eq, Gt, Gte, Has, Id, In, Like, Lt, Lte, Match, Ne, StartsWith,
)
from thehive4py.query.page import Paginate
from thehive4py.query.sort import Asc, Desc

WHEN = 1780300000000  # 1 June 2026, before the clock of the test.


def refused(words, call, *arguments, **named):
    """That a call is refused with these words."""
    try:
        answer = call(*arguments, **named)
    except TheHiveError as error:
        assert words in error.message, error.message
        return
    raise AssertionError(f"{call.__qualname__} was done, and said {answer}")


def ids(rows):
    return [row["_id"] for row in rows]


def cases(hive):
    case = hive.case.create({
        "title": "Wombats in the server room", "description": "They *dig*.", "severity": 3, "tlp": 3, "pap": 1,
        "startDate": WHEN, "tags": ["files_locked", "marsupial"],
    })
    assert case["_type"] == "Case" and case["status"] == "New" and case["stage"] == "New", case
    assert (case["title"], case["description"], case["startDate"]) == ("Wombats in the server room", "They *dig*.", WHEN)
    assert (case["tlp"], case["tlpLabel"], case["pap"]) == (3, "AMBER+STRICT", 1)
    assert case["tags"] == ["files_locked", "marsupial"] and case["severity"] in (1, 2, 3, 4)
    assert hive.case.get(case["_id"]) == hive.case.get(case["number"]) == case
    hive.case.update(case["_id"], {"title": "Wombats everywhere", "addTags": ["night"], "removeTags": ["marsupial"], "tlp": 2})
    case = hive.case.get(case["_id"])
    assert (case["title"], case["tags"], case["tlp"]) == ("Wombats everywhere", ["files_locked", "night"], 2), case
    refused("customFields", hive.case.update, case["_id"], {"customFields": []})
    refused("assignee", hive.case.create, {"title": "a", "description": "b", "assignee": "c"})
    refused("takes an incident on", hive.case.open, case["_id"])
    refused("close incidents", hive.case.close, case["_id"], "TruePositive", "Gone")
    refused("Nothing is deleted", hive.case.delete, case["_id"])
    refused("NotFoundError", hive.case.get, 1)
    return case


def queries(hive, case):
    other = hive.case.create({"title": "Quolls", "description": "Small ones", "tags": ["marsupial"]})
    number, both = case["number"], [case["_id"], other["_id"]]
    assert sorted(ids(hive.case.find())) == sorted(both)
    assert hive.case.count() == 2
    for found, filters in [
        ([case], Eq("number", number)), ([case], Eq("title", "Wombats everywhere")), ([other], Ne("number", number)),
        ([case], StartsWith("title", "Wombats")), ([case], EndsWith("title", "everywhere")),
        ([case], Like("title", "Wom*")), ([case], Like("title", "*where")), ([case], Like("title", "*bats ever*")),
        ([other], Match("description", "ones Small")), ([case], Eq("tags", "night")), ([other], Eq("tags", "marsupial")),
        ([case], Id(case["_id"])), ([case, other], In("title", ["Quolls", "Wombats everywhere"])),
        ([case, other], Has("tags")), ([], Has("closedDate")), ([case, other], Eq("status", "New")),
        ([case, other], Eq("stage", "New") & Gte("severity", 1) & Lte("severity", 4)), ([], Lt("severity", 1)),
        ([], Gt("severity", 4)), ([case, other], Eq("title", "Quolls") | Eq("number", number)),
        ([other], ~Eq("number", number)), ([case, other], Between("_createdAt", WHEN, now_to_ts() + 10**12)),
        ([case], Eq("tlp", 2) & Eq("pap", 1)),
    ]:
        assert sorted(ids(hive.case.find(filters=filters))) == sorted(ids(found)), filters
        assert hive.case.count(filters=filters) == len(found), filters
    first = hive.case.find(sortby=Asc("_createdAt") & Asc("_id"), paginate=Paginate(0, 1))
    last = hive.case.find(sortby=Desc("_createdAt") & Desc("_id"), paginate=Paginate(0, 1))
    assert sorted(ids(first) + ids(last)) == sorted(both)
    assert ids(hive.case.find(sortby=Asc("_id"), paginate=Paginate(1, 2))) == [max(both)]
    assert hive.query.run([{"_name": "listCase"}, {"_name": "filter", "_eq": {"_field": "number", "_value": number}}],
                          exclude_fields=["description", "extraData"])[0].keys().isdisjoint({"description", "extraData"})
    refused("customFields.ward", hive.case.find, filters=Eq("customFields.ward", 7))
    refused("title", hive.case.find, sortby=Asc("title"))
    refused("500", hive.case.find, paginate=Paginate(0, 501))
    refused("listUser", hive.query.run, [{"_name": "listUser"}])
    refused("procedures", hive.case.find_procedures, case["_id"])


def tasks(hive, case):
    task = hive.case.create_task(case["_id"], {"title": "Count them", "description": "All", "dueDate": now_to_ts() + 10**10})
    assert (task["status"], task["title"], task["extraData"]["zone"]) == ("Waiting", "Count them", "own"), task
    second = hive.task.create(case["_id"], {"title": "Feed them", "status": "InProgress"})
    assert second["status"] == "InProgress" and hive.task.get(second["_id"]) == second
    refused("mandatory", hive.task.create, case["_id"], {"title": "a", "mandatory": True})
    for status in ["InProgress", "Completed", "Waiting", "Completed"]:
        hive.task.update(task["_id"], {"status": status})
        assert hive.task.get(task["_id"])["status"] == status
    assert ids(hive.case.find_tasks(case["_id"], filters=Eq("status", "Completed"))) == [task["_id"]]
    assert len(hive.task.find(filters=Like("title", "*them"), sortby=Desc("_createdAt"))) == 2
    assert hive.task.count(filters=Has("dueDate")) == 1
    hive.task.delete(second["_id"])
    assert hive.task.get(second["_id"])["status"] == "Cancel"
    log = hive.task_log.create(task["_id"], {"message": "There are eleven.", "startDate": WHEN})
    assert (log["message"], log["date"], log["_type"]) == ("There are eleven.", WHEN, "Log"), log
    assert hive.task_log.get(log["_id"]) == log
    hive.task_log.update(log["_id"], {"message": "There are twelve."})
    hive.task_log.update(log["_id"], {"message": "There are thirteen."})
    assert hive.task_log.get(log["_id"])["message"] == "There are thirteen."
    again = hive.task.create_log(task["_id"], {"message": "One is asleep."})
    messages = [row["message"] for row in hive.task.find_logs(task["_id"])]
    assert {"There are thirteen.", "One is asleep."} <= set(messages) and "There are eleven." not in messages, messages
    hive.task_log.delete(again["_id"])
    assert hive.task_log.get(again["_id"])["message"].startswith("Withdrawn")
    refused("NotFoundError", hive.task.get, case["_id"])
    return task


def observables(hive, case):
    made = hive.case.create_observable(case["_id"], {
        "dataType": "domain", "data": ["evil-wombat.net", "evil-quoll[.]net"], "message": "In the proxy's log",
        "tags": ["c2"], "tlp": 4, "ioc": True,
    })
    assert [row["data"] for row in made] == ["evil-wombat.net", "evil-quoll.net"], made
    assert {row["message"] for row in made} == {"In the proxy's log"} and made[0]["ioc"] and made[0]["tlpLabel"] == "RED"
    address = hive.observable.create_in_case(case["_id"], {"dataType": "ip", "data": "198.18.3.4"})[0]
    assert address["dataType"] == "ip" and hive.observable.get(address["_id"]) == address
    hive.observable.update(address["_id"], {"sighted": True, "addTags": ["seen"], "message": "At the edge"})
    address = hive.observable.get(address["_id"])
    assert address["sighted"] and address["tags"] == ["seen"] and address["message"] == "At the edge"
    assert len(hive.case.find_observables(case["_id"], filters=Eq("dataType", "domain"))) == 2
    assert hive.observable.count(filters=Eq("ioc", True) & Eq("tags", "c2")) == 2
    assert ids(hive.observable.find(filters=StartsWith("data", "198."))) == [address["_id"]]
    hive.observable.delete(made[1]["_id"])
    refused("NotFoundError", hive.observable.get, made[1]["_id"])
    refused("user-agent", hive.case.create_observable, case["_id"], {"dataType": "user-agent", "data": "curl"})
    refused("is no ip", hive.case.create_observable, case["_id"], {"dataType": "ip", "data": "not one"})
    refused("patient", hive.case.create_observable, case["_id"],
            {"dataType": "url", "data": "https://evil-wombat.net/943-476-5919"})


def timeline(hive, case):
    event = hive.timeline.create_event(case["_id"], {"date": WHEN, "title": "The first wombat", "description": "By the door"})
    hive.timeline.update_event(event["_id"], {"title": "The very first wombat"})
    entries = hive.timeline.get(case["_id"])["events"]
    assert entries == hive.case.get_timeline(case["_id"])["events"]
    written = [entry["details"] for entry in entries if entry["kind"] == "customEvent"]
    assert ("The very first wombat", "By the door") in [(row["title"], row["description"]) for row in written], written
    assert [entry["date"] for entry in entries] == sorted(entry["date"] for entry in entries)
    hive.timeline.delete_event(event["_id"])
    titles = [entry["details"]["title"] for entry in hive.timeline.get(case["_id"])["events"]]
    assert "The very first wombat" not in titles and any(title.startswith("Withdrawn") for title in titles), titles
    refused("endDate", hive.timeline.create_event, case["_id"], {"date": WHEN, "endDate": WHEN, "title": "a"})


def alerts(hive, case):
    alert = hive.alert.create({
        "type": "siem", "source": "Burrow", "sourceRef": "B-1", "title": "Digging", "description": "At night",
        "severity": 3, "tags": ["system_down"], "date": WHEN,
        "observables": [{"dataType": "domain", "data": "evil-bilby.net", "message": "From the alert"}],
    })
    assert (alert["status"], alert["stage"], alert["observableCount"]) == ("New", "New", 1), alert
    assert hive.alert.get(alert["_id"]) == alert
    refused("ConflictError", hive.alert.create, {"type": "siem", "source": "Burrow", "sourceRef": "B-1", "title": "a",
                                                  "description": "b"})
    hive.alert.update(alert["_id"], {"status": "InProgress", "severity": 4, "addTags": ["loud"]})
    alert = hive.alert.get(alert["_id"])
    assert (alert["status"], alert["severity"], alert["tags"]) == ("InProgress", 4, ["system_down", "loud"]), alert
    made = hive.alert.promote_to_case(alert["_id"], {"title": "Digging at night"})
    assert made["title"] == "Digging at night" and made["status"] == "New", made
    imported = hive.alert.get(alert["_id"])
    assert (imported["caseId"], imported["status"], imported["stage"]) == (made["_id"], "Imported", "Imported")
    assert [row["data"] for row in hive.case.find_observables(made["_id"])] == ["evil-bilby.net"]
    refused("already", hive.alert.promote_to_case, alert["_id"])
    second = hive.alert.create({"type": "siem", "source": "Burrow", "sourceRef": "B-2", "title": "More digging",
                                "description": "By day", "observables": [{"dataType": "ip", "data": "198.18.9.9"}]})
    assert ids(hive.alert.find(filters=Eq("status", "New") & Eq("source", "Burrow"))) == [second["_id"]]
    assert hive.alert.count() == 2
    merged = hive.alert.merge_into_case(second["_id"], case["_id"])
    assert merged["_id"] == case["_id"]
    assert hive.observable.count(filters=Eq("data", "198.18.9.9")) == 1
    third = hive.alert.create({"type": "siem", "source": "Burrow", "sourceRef": "B-3", "title": "Again", "description": ""})
    assert hive.alert.import_into_case(third["_id"], case["_id"])["_id"] == case["_id"]
    linked = hive.query.run([{"_name": "getCase", "idOrName": case["_id"]}, {"_name": "alerts"}])
    assert sorted(row["sourceRef"] for row in linked) == ["B-2", "B-3"]
    refused("Nothing is deleted", hive.alert.delete, third["_id"])


def bulk(hive, case):
    other = hive.case.find(filters=Eq("title", "Quolls"))[0]
    both = [case["_id"], other["_id"]]
    hive.case.bulk_update({"ids": both, "addTags": ["burrow"]})
    assert hive.case.count(filters=Eq("tags", "burrow")) == 2
    # All of them, or none.
    refused("NotFoundError", hive.case.bulk_update, {"ids": both + ["I-2222-2222"], "addTags": ["never"]})
    assert hive.case.count(filters=Eq("tags", "never")) == 0
    refused("customFields", hive.case.bulk_update, {"ids": both, "customFields": []})
    refused("ids", hive.case.bulk_update, {"ids": [], "addTags": ["never"]})
    walks = [hive.task.create(case["_id"], {"title": title})["_id"] for title in ("Walk one", "Walk two")]
    hive.task.bulk_update({"ids": walks, "status": "InProgress"})
    refused("NotFoundError", hive.task.bulk_update, {"ids": walks + [case["_id"]], "status": "Completed"})
    assert {hive.task.get(task)["status"] for task in walks} == {"InProgress"}
    seen = ids(hive.case.create_observable(case["_id"], {"dataType": "ip", "data": ["198.18.5.1", "198.18.5.2"]}))
    hive.observable.bulk_update({"ids": seen, "sighted": True, "addTags": ["edge"]})
    assert sorted(ids(hive.observable.find(filters=Eq("tags", "edge") & Eq("sighted", True)))) == sorted(seen)
    raised = [hive.alert.create({"type": "siem", "source": "Den", "sourceRef": ref, "title": "Noise", "description": ""})["_id"]
              for ref in ("D-1", "D-2")]
    hive.alert.bulk_update({"ids": raised, "severity": 1, "status": "InProgress"})
    assert hive.alert.count(filters=Eq("source", "Den") & Eq("status", "InProgress") & Eq("severity", 1)) == 2
    assert hive.alert.bulk_merge_into_case(case["_id"], raised)["_id"] == case["_id"]
    assert {hive.alert.get(alert)["status"] for alert in raised} == {"Imported"}
    refused("already", hive.alert.bulk_merge_into_case, case["_id"], raised)
    refused("Not", hive.alert.bulk_delete, raised)


def shares(hive, case):
    hive.session.headers["X-Zone"] = "shared"
    assert [row["organisationName"] for row in hive.case.list_shares(case["_id"])] == ["RWA"]
    rows = hive.case.share(case["_id"], [{"organisation": "8JA01"}])
    assert [(row["organisationName"], row["owner"]) for row in rows] == [("RWA", True), ("8JA01", False)], rows
    rows = hive.case.set_share(case["_id"], [{"organisation": "8JA02", "taskRule": "all"}])
    assert [row["organisationName"] for row in rows] == ["RWA", "8JA02"], rows
    refused("taskRule", hive.case.share, case["_id"], [{"organisation": "8JA01", "taskRule": "manual"}])
    refused("8JA99", hive.case.share, case["_id"], [{"organisation": "8JA99"}])
    hive.case.unshare(case["_id"], ["8JA02"])
    rows = hive.case.share(case["_id"], [{"organisation": "8JA01"}])
    hive.case.remove_share(rows[1]["_id"])
    assert len(hive.case.list_shares(case["_id"])) == 1
    # What the CERT reads too.
    task = hive.task.create(case["_id"], {"title": "Ring the zoo", "assignee": "CERT"})
    assert task["extraData"]["zone"] == "shared" and task["assignee"] == "CERT"
    return task


def organisation(address, key, another, third):
    hive = TheHiveApi(url=f"{address}/thehive", apikey=key)
    case = cases(hive)
    queries(hive, case)
    hive = TheHiveApi(url=f"{address}/thehive", apikey=another, organisation="RWA")
    own = tasks(hive, case)
    observables(hive, case)
    timeline(hive, case)
    alerts(hive, case)
    shared = shares(hive, case)
    bulk(TheHiveApi(url=f"{address}/thehive", apikey=third), case)
    other = hive.case.find(filters=Eq("title", "Quolls"))[0]
    print(json.dumps({"case": case["_id"], "other": other["_id"], "own": own["_id"], "shared": shared["_id"]}))


def cert(address, key, made):
    hive = TheHiveApi(url=f"{address}/thehive/cert/", apikey=key)
    case, other = made["case"], made["other"]
    assert hive.case.get(case)["status"] == "InProgress"
    # What stands in the organisation's own zone is not there.
    assert made["shared"] in ids(hive.case.find_tasks(case)) and made["own"] not in ids(hive.case.find_tasks(case))
    refused("NotFoundError", hive.task.get, made["own"])
    assert hive.query.run([{"_name": "getTask", "idOrName": made["own"]}, {"_name": "logs"}]) == []
    assert [row["data"] for row in hive.observable.find()] == ["evil-bilby.net"] and hive.alert.count() == 0
    task = hive.task.create(case, {"title": "Is it their supplier?"})
    assert task["extraData"]["zone"] == "cert"
    alert = hive.alert.create({"type": "misp", "source": "Feed", "sourceRef": "1", "title": "Seen elsewhere", "description": ""})
    refused("NotFoundError", hive.alert.promote_to_case, alert["_id"])
    assert hive.alert.merge_into_case(alert["_id"], case)["_id"] == case
    refused("NotFoundError", hive.case.create, {"title": "a", "description": "b"})
    merged = hive.case.merge([case, other])
    assert merged["_id"] == case and hive.case.get(other)["status"] == "Duplicated"
    hive.case.close(case, "TruePositive", "The wombats left.", "WithImpact")
    closed = hive.case.get(case)
    assert (closed["status"], closed["stage"], closed["summary"], closed["impactStatus"]) == (
        "TruePositive", "Closed", "The wombats left.", "WithImpact"), closed
    assert ids(hive.case.find(filters=Eq("status", "TruePositive") & Has("closedDate"))) == [case]


if sys.argv[1] == "organisation":
    organisation(*sys.argv[2:])
else:
    cert(sys.argv[2], sys.argv[3], json.loads(sys.argv[4]))
