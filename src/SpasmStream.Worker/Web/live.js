// Renews the page in place, so that scrolling, open tables and the keyboard's place survive. Without scripts
// the page reloads itself instead.
(() => {
  const seconds = Number(document.currentScript.dataset.seconds) || 20;
  const main = document.getElementById("main");
  const lost = document.getElementById("lost");
  const news = document.getElementById("news");

  // A selector that finds the focused link or table again in the renewed page.
  function place(element) {
    if (!main.contains(element)) return null;
    if (element.matches("summary")) return "#" + CSS.escape(element.parentElement.id) + " > summary";
    return element.matches("a") ? 'a[href="' + CSS.escape(element.getAttribute("href")) + '"]' : null;
  }

  async function renew() {
    if (document.hidden) return;
    try {
      const answer = await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(10000) });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const body = fresh.getElementById("main");
      for (const open of main.querySelectorAll("details[open]"))
        body.querySelector("#" + CSS.escape(open.id))?.setAttribute("open", "");
      if (body.innerHTML !== main.innerHTML) {
        const held = place(document.activeElement);
        main.replaceChildren(...body.childNodes);
        if (held) main.querySelector(held)?.focus({ preventScroll: true });
      }
      // Spoken once, only when the day's headline changes.
      if (fresh.title !== document.title) news.textContent = document.title = fresh.title;
      lost.hidden = true;
    } catch {
      lost.hidden = false;
    }
  }

  setInterval(renew, seconds * 1000);
  document.addEventListener("visibilitychange", renew);
})();
