// The offline report form: seals what was typed for the CERT, as age does (age-encryption.org/v1).
//
// It is in a file of its own that is opened without a network: nothing is sent, nothing is kept. What is
// needed of a browser is asked for before anything is promised; `noble` comes from vendor/noble.
"use strict";
(function () {
  var form = document.getElementById("report");
  var result = document.getElementById("result");
  var last = null;

  // What is said here stands in the page, in the language of the form.
  function word(name) {
    return document.querySelector("#words [data-word='" + name + "']").textContent;
  }

  function bytes(text) {
    return new TextEncoder().encode(text);
  }

  function joined(parts) {
    var length = parts.reduce(function (sum, part) { return sum + part.length; }, 0);
    var whole = new Uint8Array(length);
    var at = 0;
    parts.forEach(function (part) {
      whole.set(part, at);
      at += part.length;
    });
    return whole;
  }

  function base64(data) {
    var text = "";
    data.forEach(function (byte) { text += String.fromCharCode(byte); });
    return btoa(text);
  }

  function unpadded(data) {
    return base64(data).replace(/=+$/, "");
  }

  function derived(secret, salt, label) {
    return noble.hkdf(noble.sha256, secret, salt, bytes(label), 32);
  }

  // One recipient of the kind X25519; the file as binary.
  function sealed(text, recipient) {
    var chance = crypto.getRandomValues(new Uint8Array(64));
    var ephemeral = chance.slice(0, 32);
    var fileKey = chance.slice(32, 48);
    var nonce = chance.slice(48);
    var share = noble.x25519.getPublicKey(ephemeral);
    var shared = noble.x25519.getSharedSecret(ephemeral, recipient);
    var wrapping = derived(shared, joined([share, recipient]), "age-encryption.org/v1/X25519");
    var wrapped = noble.chacha20poly1305(wrapping, new Uint8Array(12)).encrypt(fileKey);
    var head = "age-encryption.org/v1\n-> X25519 " + unpadded(share) + "\n" + unpadded(wrapped) + "\n---";
    var mac = noble.hmac(noble.sha256, derived(fileKey, new Uint8Array(0), "header"), bytes(head));
    var parts = [bytes(head + " " + unpadded(mac) + "\n"), nonce];
    var key = derived(fileKey, nonce, "payload");
    var size = 64 * 1024;
    var chunks = Math.max(1, Math.ceil(text.length / size));
    for (var place = 0; place < chunks; place++) {
      // Eleven bytes of the place, and one that says whether it is the last.
      var counted = new Uint8Array(12);
      new DataView(counted.buffer).setUint32(7, place);
      counted[11] = place + 1 === chunks ? 1 : 0;
      var chunk = text.slice(place * size, (place + 1) * size);
      parts.push(noble.chacha20poly1305(key, counted).encrypt(chunk));
    }
    return joined(parts);
  }

  // As text, so that it survives whatever carries it and can be pasted.
  function armoured(file) {
    var lines = base64(file).match(/.{1,64}/g);
    lines.unshift("-----BEGIN AGE ENCRYPTED FILE-----");
    lines.push("-----END AGE ENCRYPTED FILE-----", "");
    return lines.join("\n");
  }

  function unhex(text) {
    return new Uint8Array(text.match(/../g).map(function (pair) { return parseInt(pair, 16); }));
  }

  function value(name) {
    return form.elements[name].value.trim();
  }

  function labelOf(input) {
    return document.querySelector("label[for='" + input.id + "']").textContent.trim();
  }

  function chosen(name) {
    return Array.prototype.filter.call(form.elements[name], function (box) { return box.checked; });
  }

  function valueOf(box) {
    return box.value;
  }

  // A day and a time as they are typed here, in the way that they are read there; anything else stays in words.
  function moment(text) {
    var typed = /^(\d{1,2})[\/.-](\d{1,2})[\/.-](\d{4})[ ,]+(\d{1,2})[:.](\d{2})$/.exec(text);
    if (!typed) {
      return text;
    }
    var day = [typed[3], two(Number(typed[2])), two(Number(typed[1]))].join("-");
    return day + "T" + two(Number(typed[4])) + ":" + typed[5];
  }

  // The report in the form `carecert-report/1`.
  function report() {
    return {
      form: "carecert-report/1",
      organisation: value("organisation"),
      code: value("code"),
      seen: chosen("seen").map(valueOf),
      since: moment(value("since")),
      affected: chosen("affected").map(valueOf),
      care: value("care"),
      ring: { name: value("ring-name"), telephone: value("ring-telephone") },
      more: value("more")
    };
  }

  // The problems, each with the field that it is of.
  function problems(report) {
    var found = [];
    if (!report.organisation) {
      found.push(["organisation", word("no-organisation")]);
    }
    if (report.seen.length === 0) {
      found.push(["seen", word("nothing-seen")]);
    }
    if (!report.ring.telephone && !form.elements["no-telephone"].checked) {
      found.push(["ring-telephone", word("no-telephone")]);
    }
    return found;
  }

  function show(problemsFound) {
    var summary = document.getElementById("problems");
    var list = summary.querySelector("ul");
    list.textContent = "";
    Array.prototype.forEach.call(form.querySelectorAll(".error"), function (shown) { shown.remove(); });
    Array.prototype.forEach.call(form.querySelectorAll("[aria-invalid]"), function (field) {
      field.removeAttribute("aria-invalid");
    });
    problemsFound.forEach(function (problem) {
      var link = document.createElement("a");
      link.href = "#" + problem[0];
      link.textContent = problem[1];
      var item = document.createElement("li");
      item.appendChild(link);
      list.appendChild(item);
      var field = document.getElementById(problem[0]);
      var sentence = document.createElement("p");
      sentence.className = "error";
      sentence.id = problem[0] + "-error";
      sentence.textContent = problem[1];
      field.setAttribute("aria-invalid", "true");
      var before = field.closest(".choices") || field;
      before.parentNode.insertBefore(sentence, before);
    });
    summary.hidden = problemsFound.length === 0;
    if (problemsFound.length > 0) {
      summary.focus();
    }
  }

  // What was typed, question by question, as it is read out.
  function spoken(report) {
    var affected = chosen("affected").map(labelOf).concat(report.care).filter(Boolean);
    return [
      [word("organisation"), report.organisation],
      [word("code"), report.code],
      [word("seen"), chosen("seen").map(labelOf).join("; ")],
      [word("since"), value("since")],
      [word("affected"), affected.join("; ")],
      [word("ring"), [report.ring.name, report.ring.telephone || word("no-number")].filter(Boolean).join(", ")],
      [word("more"), report.more]
    ];
  }

  function two(number) {
    return (number < 10 ? "0" : "") + number;
  }

  // The name holds no organisation: a file is seen by whoever handles the stick.
  function named(now) {
    var day = now.getFullYear() + two(now.getMonth() + 1) + two(now.getDate());
    return "carecert-report-" + day + "-" + two(now.getHours()) + two(now.getMinutes()) + ".age";
  }

  function offer(report, text) {
    if (last) {
      URL.revokeObjectURL(last);
    }
    last = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
    var link = document.getElementById("save");
    link.href = last;
    link.download = named(new Date());
    document.getElementById("file-name").textContent = link.download;
    document.getElementById("sealed").value = text;
    var list = document.getElementById("spoken");
    list.textContent = "";
    spoken(report).forEach(function (row) {
      var term = document.createElement("dt");
      var said = document.createElement("dd");
      term.textContent = row[0];
      said.textContent = row[1] || word("not-said");
      list.appendChild(term);
      list.appendChild(said);
    });
    reveal(true);
    result.querySelector("h2").focus();
  }

  // Printed, an empty form is there to be filled in by hand, and a sealed one to be read out.
  function reveal(isSealed) {
    result.hidden = !isSealed;
    var steps = document.getElementById("steps");
    steps.hidden = !isSealed;
    var seen = chosen("seen").map(valueOf);
    Array.prototype.forEach.call(steps.querySelectorAll("[data-seen]"), function (part) {
      part.hidden = seen.indexOf(part.dataset.seen) < 0;
    });
    document.body.classList.toggle("sealed", isSealed);
  }

  // A browser that cannot draw by lot, or is too old for the ciphers, must not pretend.
  function able() {
    return typeof noble !== "undefined" && typeof crypto !== "undefined" && typeof TextEncoder !== "undefined" &&
      typeof crypto.getRandomValues === "function";
  }

  function refuse() {
    document.getElementById("unable").hidden = false;
    document.getElementById("seal").disabled = true;
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var typed = report();
    var found = problems(typed);
    show(found);
    reveal(false);
    if (found.length > 0) {
      return;
    }
    try {
      offer(typed, armoured(sealed(bytes(JSON.stringify(typed)), unhex(form.dataset.recipient))));
    } catch (error) {
      refuse();
      document.getElementById("unable").scrollIntoView();
    }
  });

  // What was sealed is no longer what is typed.
  form.addEventListener("input", function () { reveal(false); });

  document.getElementById("print").addEventListener("click", function () { window.print(); });

  if (able()) {
    document.getElementById("seal").disabled = false;
  } else {
    refuse();
  }
})();
