// Forms work without this. With it, they are sent in place, and an incident's form saves itself. A field that
// somebody has changed is marked until it is sent: news does not touch it (live.js).
const SAVE_AFTER_MS = 1500;
const waiting = new Map();

const state = (field) => (field.matches("[type=radio], [type=checkbox]") ? field.checked : field.value);

async function send(form, submitter) {
  const body = new URLSearchParams(new FormData(form, submitter));
  const goesTo = submitter?.hasAttribute("formaction") ? submitter.formAction : form.action;
  const answer = await fetch(goesTo, {
    method: "POST",
    body,
    headers: { "X-Requested-With": "suar", Accept: "application/json" },
    keepalive: true,
  });
  if (answer.ok) return null;
  const { error } = await answer.json().catch(() => ({ error: { message: answer.statusText } }));
  return error.message;
}

function tell(form, text, isProblem) {
  let place = form.querySelector(".saved");
  if (!place) {
    place = document.createElement("span");
    place.className = "saved";
    place.setAttribute("role", "status");
    form.append(place);
  }
  place.textContent = text;
  place.classList.toggle("problem", isProblem);
}

async function save(form, submitter) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
  const states = new Map([...form.elements].map((field) => [field, state(field)]));
  const problem = await send(form, submitter).catch((error) => error.message);
  if (problem) return tell(form, problem, true);
  // What was typed while the answer was on its way is still to be saved.
  for (const [field, sent] of states) if (state(field) === sent) delete field.dataset?.touched;
  if (form.dataset.autosave !== undefined) tell(form, form.querySelector(".saved").dataset.saved, false);
  else form.querySelectorAll("input:not([type]), textarea").forEach((field) => { field.value = ""; });
}

function flush(except) {
  for (const form of [...waiting.keys()]) if (form !== except) save(form);
}

export function startForms() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form.live")) return;
    event.preventDefault();
    // What is still to be saved goes along: an agency is sent a place with its incident.
    flush(event.target);
    save(event.target, event.submitter);
  });
  document.addEventListener("input", (event) => {
    const { target } = event;
    const form = target.closest("form.live");
    if (!form) return;
    // One of several that exclude each other was chosen from all of them.
    const touched = target.type === "radio" ? [...form.querySelectorAll("[type=radio]")] : [target];
    for (const field of touched) if (field.name === target.name) field.dataset.touched = "";
    if (form.dataset.autosave === undefined) return;
    clearTimeout(waiting.get(form));
    const wait = target.type === "radio" ? 0 : SAVE_AFTER_MS;
    waiting.set(form, setTimeout(() => save(form), wait));
  });
  // Who leaves the page in the middle of a word has said that much.
  window.addEventListener("pagehide", () => flush());
}
