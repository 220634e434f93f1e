// Shares the phone's place while the page is open. ECMAScript 5: old phones' browsers have no more.
(function () {
  "use strict";
  var EVERY_MS = 5000, FIX_PATIENCE_MS = 30000;
  var box = document.getElementById("share"), go = document.getElementById("go");
  var stop = document.getElementById("stop"), says = document.getElementById("says");
  var form = document.getElementById("words"), text = document.getElementById("text");
  if (!box || !go) return;
  var base = "/l/" + box.getAttribute("data-token") + "/";
  var watch = null, last = null, sentAt = 0, timer = null, isSending = false;

  function say(name, more, look) {
    says.innerHTML = "";
    says.appendChild(document.createTextNode((box.getAttribute("data-" + name) || name) + (more || "")));
    says.className = "box " + (look || "");
    says.hidden = false; says.style.display = "block";
  }
  function show(element, isShown) { element.hidden = !isShown; element.style.display = isShown ? "" : "none"; }

  function post(path, type, body, done) {
    var request = new XMLHttpRequest();
    request.open("POST", base + path, true);
    request.setRequestHeader("Content-Type", type);
    request.setRequestHeader("X-Requested-With", "suar");
    request.timeout = 15000;
    request.onreadystatechange = function () { if (request.readyState === 4) done(request.status); };
    request.send(body);
  }
  function form_of(name, value) { return encodeURIComponent(name) + "=" + encodeURIComponent(value); }
  var FORM = "application/x-www-form-urlencoded", JSON_TYPE = "application/json";
  function nothing() {}

  function begin() {
    show(go, false);
    say("asking");
    post("start", FORM, "", function (status) {
      if (status !== 204) { failed(status); show(go, status !== 404); return; }
      if (!navigator.geolocation) { cannot("unsupported"); return; }
      show(stop, true);
      // A first, rough place at once; the exact one follows.
      watch = navigator.geolocation.watchPosition(found, refused,
        { enableHighAccuracy: true, maximumAge: 10000, timeout: FIX_PATIENCE_MS });
      timer = window.setInterval(send, 1000);
    });
  }
  function found(position) { last = position; send(); }

  function send() {
    var now = new Date().getTime();
    if (!last || isSending || now - sentAt < EVERY_MS) return;
    var place = last, at = last.coords, age = now - place.timestamp;
    last = null; sentAt = now; isSending = true;
    post("fix", JSON_TYPE, JSON.stringify({
      latitude: at.latitude, longitude: at.longitude, accuracy: at.accuracy, altitude: at.altitude,
      altitudeAccuracy: at.altitudeAccuracy, heading: at.heading, speed: at.speed,
      age_ms: age >= 0 && age < 86400000 ? Math.round(age) : null
    }), function (status) {
      isSending = false;
      if (watch === null) return;
      if (status === 204) { say("sharing", " ± " + Math.round(at.accuracy) + " " + box.getAttribute("data-metres"), "good"); return; }
      if (status !== 404 && !last) last = place;
      failed(status);
    });
  }
  function failed(status) {
    if (status === 404) { end(); say("gone", "", "bad"); return; }
    say("offline", "", "bad");
  }
  function refused(error) {
    if (error.code === 3 && sentAt) return;
    if (error.code === 1) { cannot(window.isSecureContext === false ? "insecure" : "denied"); return; }
    // Not for good: the phone goes on looking.
    report(error.code === 3 ? "timeout" : "unavailable");
  }
  function report(reason) {
    say(reason, "", "bad");
    post("cannot", FORM, form_of("reason", reason), nothing);
  }
  function cannot(reason) { end(); report(reason); show(go, reason === "denied"); if (text) text.focus(); }
  function end() {
    if (watch !== null) navigator.geolocation.clearWatch(watch);
    if (timer !== null) window.clearInterval(timer);
    watch = timer = last = null; sentAt = 0;
    show(stop, false);
  }

  go.onclick = begin;
  stop.onclick = function () {
    end(); post("stop", FORM, "", nothing);
    say("stopped"); show(go, true);
  };
  form.onsubmit = function (event) {
    if (watch === null) return true;
    // Sent in place: loading another page would end the sharing.
    if (event && event.preventDefault) event.preventDefault();
    post("words", FORM, form_of("text", text.value), function (status) {
      if (status === 204) text.value = ""; else failed(status);
    });
    return false;
  };
  show(go, true);
}());
