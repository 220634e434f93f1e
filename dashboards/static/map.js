// A double click on the map is a place that the operator claims for her caller.
import { claim } from "./places.js";

function degrees(map, { clientX, clientY }) {
  const point = new DOMPoint(clientX, clientY).matrixTransform(map.getScreenCTM().inverse());
  const { width, height } = map.viewBox.baseVal;
  const [west, south, east, north] = ["west", "south", "east", "north"].map((edge) => Number(map.dataset[edge]));
  return {
    latitude: north - (point.y / height) * (north - south),
    longitude: west + (point.x / width) * (east - west),
  };
}

export function startMap() {
  document.addEventListener("dblclick", (event) => {
    const map = event.target.closest?.("[data-map][data-claim]");
    if (!map) return;
    event.preventDefault();
    const { latitude, longitude } = degrees(map, event);
    claim(map.dataset.claim, { latitude: latitude.toFixed(6), longitude: longitude.toFixed(6), label: "" });
  });
}
