// Keeps a page fresh: one stream, its fragments morphed in without touching what somebody types.
import { Idiomorph } from "./vendor/idiomorph-0.8.0.esm.js";
import { startClocks, setServerTime } from "./clock.js";
import { startForms } from "./forms.js";
import { hush, startKeys } from "./keys.js";
import { startMap } from "./map.js";
import { startPlaces } from "./places.js";
import { announce, startSound } from "./sound.js";

const OLD_AFTER_MS = 12_000;
const TYPED = "input:not([type=radio], [type=checkbox]), textarea, select";
const { page, query, old, lost, live } = document.body.dataset;
const lamp = document.getElementById("lamp");
let lastHeard = Date.now();
let run;

function setLamp(state, text) {
  if (lamp.dataset.state !== state || lamp.textContent !== text) {
    lamp.dataset.state = state;
    lamp.textContent = text;
  }
}

function morph(id, html) {
  const region = document.getElementById(id);
  if (!region) return;
  const typing = region.contains(document.activeElement) && document.activeElement.matches(TYPED);
  const field = typing ? document.activeElement : null;
  const chosen = new Map([...region.querySelectorAll("select[data-touched]")].map((one) => [one, one.value]));
  Idiomorph.morph(region, html, {
    morphStyle: "innerHTML",
    ignoreActiveValue: true,
    callbacks: {
      // A field that was changed and not sent yet is its typist's; a closed or opened detail, its reader's.
      // What a form has said of itself stays until it says something else.
      beforeNodeMorphed: (node) =>
        !(node.nodeType === 1 && node.matches("[data-touched]:not(select), [data-own], .saved")),
      beforeAttributeUpdated: (name, node) =>
        name !== "data-touched" &&
        !(name === "open" && node.nodeName === "DETAILS") &&
        !(node.matches("[data-places]") && (name === "role" || name.startsWith("aria-"))),
    },
  });
  // A list takes up who is new in it, and what was chosen from it stays chosen.
  for (const [one, value] of chosen) {
    if ([...one.options].some((option) => option.value === value)) one.value = value;
    else delete one.dataset.touched;
  }
  if (field && !field.isConnected) hush();
  announce(region);
}

function watch() {
  const source = new EventSource(`/events?page=${page}&${query}`);
  source.addEventListener("region", (event) => {
    const { id, html } = JSON.parse(event.data);
    morph(id, html);
  });
  source.addEventListener("tick", (event) => {
    lastHeard = Date.now();
    const told = JSON.parse(event.data);
    setServerTime(told.now);
    // A wall has nobody to load it anew after an update.
    if (page === "wall" && run && run !== told.run) location.reload();
    run = told.run;
    setLamp("live", live);
  });
  source.addEventListener("over", () => {
    source.close();
    clearInterval(ageing);
    setLamp("lost", lost);
    document.getElementById("over").hidden = false;
  });
  source.addEventListener("error", () => {
    setLamp("lost", lost);
    // A stream that was refused is not tried again by the browser.
    if (source.readyState === EventSource.CLOSED) setTimeout(watch, 2000);
  });
}

let ageing;
if (page) {
  watch();
  ageing = setInterval(() => {
    const silent = Date.now() - lastHeard;
    if (silent > OLD_AFTER_MS) setLamp("lost", `${old} ${Math.round(silent / 1000)} s`);
  }, 1000);
}
startClocks();
startForms();
startKeys();
startMap();
startPlaces();
startSound();
