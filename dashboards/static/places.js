// Offers places while somebody types one: an ARIA combobox, worked by keys alone. A field without it still works.
const ASK_AFTER_MS = 120;
let asking, timer;

const list = (field) => document.getElementById(`${field.id}-list`);
const says = (field) => field.closest(".finder").querySelector(".says");
const options = (field) => [...list(field).children];
const isOpen = (field) => !list(field).hidden;
const active = (field) => options(field).findIndex((one) => one.ariaSelected === "true");

function close(field) {
  clearTimeout(timer);
  asking?.abort();
  list(field).hidden = true;
  list(field).replaceChildren();
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

async function get(path, values, signal) {
  const answer = await fetch(`${path}?${new URLSearchParams(values)}`, { signal });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

async function ask(field) {
  asking?.abort();
  asking = new AbortController();
  try {
    const { places } = await get("/api/v1/places", { q: field.value }, asking.signal);
    if (document.activeElement === field) offer(field, places);
  } catch {
    // Nothing to offer: what is typed is saved as it is.
  }
}

function offer(field, places) {
  if (!places.length) return close(field);
  list(field).replaceChildren(...places.map((place, at) => {
    const option = document.createElement("li");
    option.id = `${field.id}-${at}`;
    option.setAttribute("role", "option");
    option.ariaSelected = "false";
    option.textContent = place.words;
    option.place = place;
    return option;
  }));
  list(field).hidden = false;
  field.setAttribute("aria-expanded", "true");
  field.removeAttribute("aria-activedescendant");
}

function mark(field, step) {
  const all = options(field);
  const at = active(field);
  // Before the first and after the last is the field itself.
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
  all.forEach((one, place) => { one.ariaSelected = String(place === next); });
  if (!all[next]) return field.removeAttribute("aria-activedescendant");
  field.setAttribute("aria-activedescendant", all[next].id);
  all[next].scrollIntoView({ block: "nearest" });
}

function choose(field, { place }) {
  close(field);
  field.value = place.words;
  field.dataset.chosen = "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  locate(field, place);
  const { claim: url } = says(field).dataset;
  if (url && place.latitude !== null) {
    claim(url, {
      latitude: place.latitude, longitude: place.longitude, radius_m: place.radius_m ?? "", label: place.words,
    });
  }
}

// What the operator chooses is a claim of the caller's place like any other, with her name.
export function claim(url, values) {
  const headers = { "X-Requested-With": "suar", Accept: "application/json" };
  return fetch(url, { method: "POST", body: new URLSearchParams(values), headers }).catch(() => null);
}

async function locate(field, place) {
  if (place.latitude === null) return;
  try {
    const found = await get("/api/v1/placement", { lat: place.latitude, lon: place.longitude, radius: 0 });
    tell(field, found);
  } catch {
    tell(field, { is_known: false });
  }
}

function tell(field, found) {
  const line = says(field);
  line.classList.toggle("outside", Boolean(found.is_outside));
  if (!found.is_known) return line.replaceChildren();
  const [neighbour] = found.neighbour;
  const hand = neighbour?.hand_over_to ? `${line.dataset.handOver} ${neighbour.hand_over_to}` : null;
  const inside = [found.kelurahan[0], found.kecamatan[0], found.fire[0]].map((area) => area?.name);
  const parts = found.is_outside ? [line.dataset.outside, neighbour?.name, hand] : inside;
  line.textContent = parts.filter(Boolean).join(" · ");
}

function onKey(event) {
  const field = event.target.closest("[data-places]");
  if (!field || event.isComposing) return;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) {
    event.preventDefault();
    if (isOpen(field)) mark(field, steps[event.key]);
    else if (field.value.trim()) ask(field);
  } else if (isOpen(field) && event.key === "Escape") {
    // Only the list: the key's other meaning comes with the next stroke.
    event.stopPropagation();
    close(field);
  } else if (isOpen(field) && event.key === "Enter") {
    const chosen = options(field)[active(field)];
    if (chosen) {
      event.preventDefault();
      choose(field, chosen);
    } else {
      close(field);
    }
  }
}

export function startPlaces() {
  document.addEventListener("focusin", ({ target }) => {
    if (!target.matches("[data-places]") || target.getAttribute("role")) return;
    target.setAttribute("role", "combobox");
    target.setAttribute("aria-autocomplete", "list");
    target.setAttribute("aria-expanded", "false");
    target.setAttribute("aria-controls", `${target.id}-list`);
  });
  document.addEventListener("focusout", ({ target }) => {
    if (target.matches("[data-places]")) close(target);
  });
  document.addEventListener("input", ({ target }) => {
    if (!target.matches("[data-places]")) return;
    clearTimeout(timer);
    if (target.dataset.chosen !== undefined) return delete target.dataset.chosen;
    says(target).replaceChildren();
    if (target.value.trim()) timer = setTimeout(() => ask(target), ASK_AFTER_MS);
    else close(target);
  });
  document.addEventListener("keydown", onKey, true);
  // Before the field loses the focus, and with it its list.
  document.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[data-places-list] > [role=option]");
    if (!option) return;
    event.preventDefault();
    choose(document.getElementById(option.parentElement.dataset.placesList), option);
  });
}
