// Says that there is something new in what the page shows, with a link to it. Nothing else on the page changes, since
// somebody may be typing. Without this script, reloading the page shows the same.

const box = document.querySelector("[data-news]");
const most = 5;
let last = box.dataset.newsAfter;
let source = null;

function show(change) {
  const links = [...box.querySelectorAll("a")];
  // The same page twice, or the page that is open, is one link.
  const here = change.page === location.pathname;
  const href = here ? location.pathname + location.search : change.page;
  if (links.some((link) => link.getAttribute("href") === href)) return;
  if (links.length === 0) box.append(`${box.dataset.newsWords} `);
  if (links.length > most) return;
  if (links.length > 0) box.append(", ");
  const link = document.createElement("a");
  link.href = links.length < most ? href : change.page.replace(/^(\/incidents\/[^/]+).*/, "$1/timeline");
  link.textContent = links.length < most ? change.what : box.dataset.newsMore;
  box.append(link);
}

// A browser has few connections to a host: a page that nobody looks at gives its own back.
function follow() {
  if (document.hidden) {
    source?.close();
    source = null;
    return;
  }
  if (source) return;
  const after = last ? `?after=${encodeURIComponent(last)}` : "";
  source = new EventSource(box.dataset.news + after);
  source.addEventListener("ready", (event) => {
    last = event.lastEventId;
  });
  source.addEventListener("change", (event) => {
    last = event.lastEventId;
    show(JSON.parse(event.data));
  });
}

document.addEventListener("visibilitychange", follow);
follow();
