/* Small helps on top of pages that work without them. Every word shown comes from the page, so it is in the reader's language. */

const store = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* private mode: no drafts */ } },
  drop(key) { try { localStorage.removeItem(key); } catch { /* as above */ } },
};

/* Characters left. The limit stands in the page; the line is announced only when little is left, not at every key. */
function countCharacters(area) {
  const line = document.getElementById(`${area.id}-count`);
  if (!line) return;
  const limit = Number(area.dataset.count);
  const said = document.createElement("span");
  said.className = "vh";
  said.setAttribute("aria-live", "polite");
  line.after(said);
  let timer;
  const show = () => {
    const left = limit - [...area.value].length;
    const text = `${left < 0 ? line.dataset.over : line.dataset.left} ${Math.abs(left).toLocaleString(document.documentElement.lang)}`;
    line.textContent = text;
    line.classList.toggle("count--over", left < 0);
    clearTimeout(timer);
    if (left < limit / 10) timer = setTimeout(() => { said.textContent = text; }, 1000);
  };
  area.addEventListener("input", show);
  if (area.value) show();
}

/* A button beside an address to share. */
function offerCopy(field) {
  if (!navigator.clipboard) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn--ghost";
  button.textContent = field.dataset.copy;
  const said = document.createElement("span");
  said.className = "small quiet";
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = field.dataset.copied;
    } catch {
      field.select();
    }
  });
  field.after(button);
  field.parentElement.after(said);
}

/* A suggested date becomes a button that fills its field. Without script it is a date to type. */
function fillFrom(suggestion) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link-btn suggestion";
  button.textContent = suggestion.textContent;
  button.addEventListener("click", () => {
    const field = document.getElementById(suggestion.dataset.fill);
    field.value = button.textContent;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
  suggestion.replaceChildren(button);
}

/* Keep what is typed in this browser until the form has been accepted, and ask before it is left behind.
   Addresses and codes are not kept: the browser may be somebody else's tomorrow. */
const kept = "input:not([type=hidden], [type=email], [autocomplete=one-time-code]), textarea, select";
const isChoice = (field) => field.type === "radio" || field.type === "checkbox";

function valuesOf(fields) {
  const values = {};
  for (const field of fields) {
    if (!isChoice(field)) values[field.name] = field.value;
    else if (field.checked) values[field.name] = [...(values[field.name] ?? []), field.value];
  }
  return values;
}

function restore(form, fields, saved) {
  const texts = fields.filter((field) => !isChoice(field) && field.tagName !== "SELECT");
  const about = (field) => field.value && field.value !== saved[field.name];
  if (texts.some(about) || !texts.some((field) => saved[field.name])) return;
  for (const field of fields) {
    if (!(field.name in saved)) continue;
    if (isChoice(field)) field.checked = saved[field.name].includes(field.value);
    else field.value = saved[field.name];
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const note = document.createElement("p");
  note.className = "hint";
  note.setAttribute("role", "status");
  note.textContent = form.dataset.kept;
  form.prepend(note);
}

function keepDraft(form) {
  const key = `draft:${form.dataset.draft}`;
  const fields = [...form.querySelectorAll(kept)].filter((field) => field.name);
  const saved = JSON.parse(store.get(key) ?? "null");
  if (saved && !document.querySelector(".summary-box")) restore(form, fields, saved);
  let changed = false;
  form.addEventListener("input", (event) => {
    if (!event.isTrusted) return;
    changed = true;
    store.set(key, JSON.stringify(valuesOf(fields)));
  });
  form.addEventListener("submit", () => {
    changed = false;
    store.set("draft-sent", form.dataset.draft);
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}

/* Accepted is a form that led to another page, or back to its own with good news. */
function forgetSent() {
  const sent = store.get("draft-sent");
  if (!sent) return;
  store.drop("draft-sent");
  const again = [...document.querySelectorAll("form[data-draft]")].some((form) => form.dataset.draft === sent);
  const refused = document.querySelector(".summary-box, .error-page") || (again && !document.querySelector(".banner--success"));
  if (!refused) store.drop(`draft:${sent}`);
}

/* Similar requests while typing: an extra above the server's own step, which always comes. Only the count is announced. */
function showSimilar(field) {
  const region = document.getElementById(field.dataset.results);
  const said = document.getElementById(`${field.dataset.results}-said`);
  if (!region || !said) return;
  let timer;
  let latest;
  const show = (nodes) => {
    region.replaceChildren(...nodes);
    said.textContent = region.querySelector("[data-said]")?.textContent ?? "";
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    latest?.abort();
    const words = field.value.trim();
    if (words.length < 3) { show([]); return; }
    timer = setTimeout(async () => {
      latest = new AbortController();
      try {
        const address = `${field.dataset.similar}?q=${encodeURIComponent(words)}`;
        const answer = await fetch(address, { headers: { "X-Fragment": "1" }, signal: latest.signal });
        if (!answer.ok) return;
        show(new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
      } catch { /* aborted or offline: the server's step remains */ }
    }, 350);
  });
}

/* Pressing twice votes once: when the answer is quick, the second press lands on the button that takes the vote back.
   The time of an event counts from the first press, which began this page. */
function ignoreSecondPress(button) {
  button.addEventListener("click", (event) => {
    if (event.detail && event.timeStamp < 500) event.preventDefault();
  });
}

const each = (selector, work) => document.querySelectorAll(selector).forEach(work);
forgetSent();
each("textarea[data-count]", countCharacters);
each("[data-copy]", offerCopy);
each("[data-fill]", fillFrom);
each("form[data-draft]", keepDraft);
each("[data-similar]", showSimilar);
each("button.vote", ignoreSecondPress);
