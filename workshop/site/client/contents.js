// Shows in the navigation which section is being read, and tells the page: the event `section`.

const links = [...document.querySelectorAll(".contents a")];
const headings = links.map(({ hash }) => document.getElementById(decodeURIComponent(hash.slice(1))));
let here;

if (headings.length > 0) {
  addEventListener("scroll", () => requestAnimationFrame(look), { passive: true });
  look();
}

function look() {
  const passed =
    headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 4).length - 1;
  if (passed === here) return;
  here = passed;
  for (const [i, link] of links.entries()) {
    link.classList.toggle("here", i === here);
    if (i === here) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  }
  const detail = here < 0 ? {} : { id: headings[here].id, section: links[here].textContent };
  dispatchEvent(new CustomEvent("section", { detail }));
}
