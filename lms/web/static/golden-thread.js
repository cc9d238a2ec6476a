// Small comforts on top of pages that work without: the components of nhsuk-frontend find their own places.
import { initAll } from "./nhsuk-frontend-10.6.1.min.js";

document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("nhsuk-frontend-supported");
}
initAll();
