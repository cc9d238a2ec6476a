// Looks every second how far a list is, and opens what it has become. Without scripts the page reloads instead.
const PAUSE = 1000;

async function look() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById("working");
    if (!now) {
      location.reload();
      return;
    }
    const here = document.getElementById("working");
    // Only what differs is touched, so that a screen reader says a change once.
    if (here.innerHTML !== now.innerHTML) {
      here.replaceChildren(...now.childNodes);
    }
  } catch {
    // The next look may find the server again.
  }
  setTimeout(look, PAUSE);
}

setTimeout(look, PAUSE);
