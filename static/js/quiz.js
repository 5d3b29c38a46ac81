// Saves each answer as it is given, keeps what can't be sent, and counts down. Without it every step is a plain form.
(() => {
  const form = document.querySelector("[data-question]");
  const handIn = document.querySelector("[data-hand-in]");
  const clock = document.querySelector("[data-seconds]");
  const RETRY_AFTER = 3000;
  const GIVE_UP_AFTER = 15000;
  const CHANGED = 150;
  const TYPED = 1000;
  const KEPT = "unsent ";

  // What was given and not yet acknowledged survives a reload of this tab, and nothing else.
  const keep = (body) => {
    const kept = new URLSearchParams(body);
    kept.delete("csrfmiddlewaretoken");
    try {
      sessionStorage.setItem(KEPT + form.action, kept.toString());
    } catch {
      // A browser without storage still holds the answer on its page.
    }
  };
  const forget = (address) => {
    try {
      sessionStorage.removeItem(KEPT + address);
    } catch {
      // Nothing was kept.
    }
  };

  const receipt = form && form.querySelector("[data-receipt]");
  let sequence = 0;
  let lastGiven = null;
  let pause;
  let waiting = null;
  let sending = false;

  const say = (words, { saved = false, link = null } = {}) => {
    const text = document.createElement("span");
    text.textContent = words;
    receipt.replaceChildren(text);
    receipt.classList.toggle("waits", !saved);
    if (saved) {
      receipt.prepend(form.querySelector("template[data-check]").content.cloneNode(true), " ");
      // What was wrong when the page was drawn is not any more.
      for (const error of form.querySelectorAll(".usa-error-message")) error.remove();
      form.querySelector(".usa-form-group").classList.remove("usa-form-group--error");
    }
    if (link) {
      const anchor = document.createElement("a");
      Object.assign(anchor, { href: link.address, textContent: link.words });
      if (link.apart) anchor.target = "_blank";
      text.append(" ", anchor);
    }
  };

  const post = (address, body) =>
    fetch(address, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      // Who leaves the page meanwhile has said it all the same.
      keepalive: true,
      signal: AbortSignal.timeout(GIVE_UP_AFTER),
    });

  // Signing in again changes the token that a form must carry; a fresh copy of the page has the new one.
  const renewToken = async () => {
    const answer = await fetch(form.action, { credentials: "same-origin" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = !answer.redirected && fresh.querySelector("[data-question] [name=csrfmiddlewaretoken]");
    if (!token) return false;
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token.value;
    return true;
  };

  // What the site refuses, it says on a page of its own, which keeps the answer.
  const sendAsPage = (body) => {
    const plain = document.createElement("form");
    Object.assign(plain, { method: "post", action: form.action, hidden: true });
    for (const [name, value] of body) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      plain.append(field);
    }
    document.body.append(plain);
    waiting = null;
    plain.submit();
  };

  const holdBack = (message, words, link) => {
    waiting ??= message;
    say(words, { link });
  };

  const deliver = async (message) => {
    let answer;
    try {
      message.body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      answer = await post(form.action, message.body);
      if (answer.status === 403 && (await renewToken())) {
        message.body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
        answer = await post(form.action, message.body);
      }
      if (answer.status >= 500) throw new Error("The site is away.");
    } catch {
      holdBack(message, form.dataset.waiting);
      setTimeout(drain, RETRY_AFTER);
      return false;
    }
    const isWords = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    const told = isWords ? await answer.json() : {};
    if (answer.ok && isWords) {
      form.elements.revision.value = told.revision;
      if (!waiting) forget(form.action);
      say(told.words, { saved: true });
      if (message.goesOn && !waiting) location.assign(told.next);
    } else if (answer.status === 401) {
      holdBack(message, told.words, { address: told.sign_in, words: form.dataset.signIn, apart: true });
      return false;
    } else if (message.goesOn || !isWords) {
      forget(form.action);
      sendAsPage(message.body);
      return false;
    } else {
      forget(form.action);
      say(told.words);
    }
    return true;
  };

  const drain = async () => {
    if (sending) return;
    sending = true;
    let delivered = true;
    while (waiting && delivered) {
      const message = waiting;
      waiting = null;
      delivered = await deliver(message);
    }
    sending = false;
  };

  const send = (submitter, goesOn) => {
    const body = new URLSearchParams(new FormData(form));
    if (submitter && submitter.name) body.append(submitter.name, submitter.value);
    // Leaving a field says again what typing said; sending it twice would rewrite a receipt that is being read.
    const given = JSON.stringify(body.getAll("chosen"));
    if (!goesOn && given === lastGiven) return Promise.resolve();
    lastGiven = given;
    // Later messages have larger numbers, on this page and on any later copy of it.
    sequence = Math.max(sequence + 1, Date.now());
    body.set("sequence", sequence);
    keep(body);
    waiting = { body, goesOn };
    say(form.dataset.saving);
    return drain();
  };

  const isComplete = () => {
    const fields = [...form.querySelectorAll("[name=chosen]")];
    if (fields.some((field) => field.type === "checkbox")) return fields.some((field) => field.checked);
    return fields.every((field) => field.value.trim());
  };

  // What is on the page is no answer (any more): a receipt beside it would tell of another one.
  const sayOpen = () => {
    if (waiting || sending || !receipt.textContent.trim()) return;
    lastGiven = null;
    say(form.dataset.open);
  };

  const sendKept = async () => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    for (const key of Object.keys(sessionStorage).filter((key) => key.startsWith(KEPT))) {
      const address = key.slice(KEPT.length);
      const body = new URLSearchParams(sessionStorage.getItem(key));
      body.set("csrfmiddlewaretoken", token);
      try {
        const answer = await post(address, body);
        if (answer.ok || (answer.status >= 400 && answer.status < 500 && answer.status !== 401)) forget(address);
        // The page was drawn before it knew.
        if (answer.ok && (!form || address === form.action)) location.reload();
      } catch {
        return;
      }
    }
  };

  if (form && form.querySelector("template[data-check]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(pause);
      for (const tile of form.querySelectorAll(".tile")) tile.classList.toggle("chosen", tile === event.submitter);
      send(event.submitter, true);
    });
    if ("autosave" in form.dataset) {
      const saveIn = (milliseconds) => {
        clearTimeout(pause);
        pause = setTimeout(() => (isComplete() ? send(null, false) : sayOpen()), milliseconds);
      };
      // Pressing a button takes the focus out of a field first: its own message says the same, and goes on.
      form.addEventListener("change", () => saveIn(CHANGED));
      form.addEventListener("input", (event) => event.target.matches("textarea, [type=text]") && saveIn(TYPED));
    }
    addEventListener("online", drain);
    addEventListener("focus", () => waiting && renewToken().then((renewed) => renewed && drain(), () => {}));
    addEventListener("beforeunload", (event) => waiting && event.preventDefault());
    addEventListener("pagehide", () => pause && "autosave" in form.dataset && isComplete() && send(null, false));
  }
  if (form || handIn) sendKept().catch(() => {});

  if (clock && handIn) {
    const end = Date.now() + Number(clock.dataset.seconds) * 1000;
    const shown = clock.querySelector("[data-countdown]");
    const announcer = clock.querySelector("[data-announce]");
    const announcements = new Map([
      [300, announcer.dataset.five],
      [60, announcer.dataset.one],
    ]);
    const count = async () => {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      shown.textContent = `${clock.dataset.left} ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      if (announcements.has(left)) announcer.textContent = announcements.get(left);
      if (left > 0) return;
      clearInterval(beat);
      // What is being written is saved first: the site takes answers for some seconds after the end.
      if (form && "autosave" in form.dataset && form.querySelector("textarea, [type=text]") && isComplete()) {
        await Promise.race([send(null, false), new Promise((resolve) => setTimeout(resolve, 5000))]);
      }
      waiting = null;
      handIn.submit();
    };
    const beat = setInterval(count, 1000);
    count();
  }
})();
