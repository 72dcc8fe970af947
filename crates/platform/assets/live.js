// Keeps a page's figures fresh: when the server says that something changed, the page is fetched
// again, through the same checked address, and the parts marked data-live-part are swapped.
// Without this script, reloading the page does the same.

const status = document.querySelector("[data-live]");
let waiting = false;

// Whether somebody has begun to write in a part, or to choose.
function begun(part) {
  const texts = [...part.querySelectorAll("textarea, input:not([type=hidden])")];
  return texts.some((field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked);
}

async function refresh() {
  waiting = false;
  status.textContent = "";
  const response = await fetch(location.href, { redirect: "error" });
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  let changed = false;
  for (const part of document.querySelectorAll("[data-live-part]")) {
    const next = fresh.getElementById(part.id);
    if (!next) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    if (focused && !focused.id) continue; // Do not take away what someone is using.
    if (begun(part)) continue; // Nor what they have written.
    for (const open of part.querySelectorAll("details[open][id]")) {
      next.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute("open", "");
    }
    if (next.innerHTML === part.innerHTML) continue;
    part.replaceWith(document.adoptNode(next));
    if (focused) document.getElementById(focused.id)?.focus();
    changed = true;
  }
  if (changed) status.textContent = status.dataset.liveWords;
}

// A browser gives a stream up that was refused once, as it is while the service cannot reach its records: it is asked
// for again, with growing pauses, and the page is refreshed with the first that is given.
let pause = 2000;

function listen(again) {
  const events = new EventSource(status.dataset.live);
  events.addEventListener("open", () => {
    pause = 2000;
    if (again) soon();
  });
  events.addEventListener("changed", soon);
  events.addEventListener("error", () => {
    if (events.readyState !== EventSource.CLOSED) return; // The browser connects again by itself.
    status.textContent = status.dataset.liveLostWords;
    setTimeout(() => listen(true), pause + Math.random() * pause);
    pause = Math.min(pause * 2, 30000);
  });
}

function soon() {
  if (waiting) return;
  waiting = true;
  // A pause gathers what comes in bursts, and its random part keeps browsers from asking at once.
  setTimeout(() => refresh().catch(() => {}), 500 + Math.random() * 1500);
}

if (status) listen(false);
