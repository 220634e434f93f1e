// Forms work without this. With it, they are sent in place, and an incident's form saves itself.
const SAVE_AFTER_MS = 1500;
const waiting = new WeakMap();

async function send(form, submitter) {
  const body = new URLSearchParams(new FormData(form, submitter));
  const goesTo = submitter?.hasAttribute("formaction") ? submitter.formAction : form.action;
  const answer = await fetch(goesTo, {
    method: "POST",
    body,
    headers: { "X-Requested-With": "suar", Accept: "application/json" },
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
  const values = new Map([...form.elements].map((field) => [field, field.value]));
  const problem = await send(form, submitter).catch((error) => error.message);
  if (problem) return tell(form, problem, true);
  // What was typed while the answer was on its way is still to be saved.
  for (const [field, value] of values) if (field.value === value) delete field.dataset?.touched;
  if (form.dataset.autosave !== undefined) tell(form, form.querySelector(".saved").dataset.saved, false);
  else form.querySelectorAll("input:not([type]), textarea").forEach((field) => { field.value = ""; });
}

export function startForms() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form.live")) return;
    event.preventDefault();
    save(event.target, event.submitter);
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-autosave]");
    if (!form) return;
    event.target.dataset.touched = "";
    clearTimeout(waiting.get(form));
    const wait = event.target.type === "radio" ? 0 : SAVE_AFTER_MS;
    waiting.set(form, setTimeout(() => save(form), wait));
  });
}
