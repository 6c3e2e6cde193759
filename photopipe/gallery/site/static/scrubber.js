import { element, monthInWords } from './dom.js';
const DISTANCE_PX = { year: 22, dot: 7 };  // at least, between two of them
const STEPS = { ArrowUp: -1, ArrowDown: 1, PageUp: -12, PageDown: 12, Home: -Infinity, End: Infinity };
const clamp = (value, most) => Math.min(Math.max(value, 0), most);
/** The timeline at the right edge: years and months, as far apart as their photos take room. */
export function scrubber(grid, photos) {
  const [marks, handle, bubble] = ['marks', 'handle', 'bubble'].map((className) => element('div', { className }));
  const bar = element('div', { id: 'scrubber', role: 'slider', tabIndex: 0, hidden: true }, marks, handle, bubble);
  Object.assign(bar, { ariaLabel: 'Timeline', ariaOrientation: 'vertical', ariaValueMin: 0, ariaValueMax: 100 });
  document.body.append(bar);
  let [months, hiding] = [[], 0];
  const range = () => Math.max(grid.height - innerHeight / 2, 1);  // the last half screen is one place
  const place = (child, fraction) => { child.style.top = `${fraction * 100}%`; };
  function draw() {
    months = photos.days.filter(({ day }, i) => day.slice(0, 7) !== photos.days[i - 1]?.day.slice(0, 7));
    marks.replaceChildren();
    let [year, free] = ['', 0];
    for (const { day, top } of months) {
      const fraction = clamp(top / range(), 1);
      if (fraction * bar.clientHeight < free) continue;
      const className = day.slice(0, 4) === year ? 'dot' : 'year';
      year = day.slice(0, 4);
      free = fraction * bar.clientHeight + DISTANCE_PX[className];
      marks.append(element('span', { className, textContent: className === 'year' ? year : '' }));
      place(marks.lastChild, fraction);
    }
  }
  bar.onpointermove = (event) => {
    const box = bar.getBoundingClientRect();
    const fraction = clamp((event.clientY - box.top) / box.height, 1);
    place(bubble, fraction);
    bubble.textContent = monthInWords(grid.dayAt(fraction * range()).day);
    if (bar.hasPointerCapture(event.pointerId)) grid.scrollTo(fraction * range());
  };
  bar.onpointerdown = (event) => {
    event.preventDefault();
    bar.setPointerCapture(event.pointerId);
    bar.classList.add('dragged');
    bar.onpointermove(event);
  };
  bar.onlostpointercapture = () => bar.classList.remove('dragged');
  bar.onkeydown = (event) => {
    if (!(event.key in STEPS)) return;
    event.preventDefault();
    const here = months.findLastIndex(({ top }) => top <= grid.top + 1);
    grid.scrollTo(months[clamp(here + STEPS[event.key], months.length - 1)].top);
  };
  return (isScrolled) => {
    bar.hidden = grid.height <= innerHeight;
    const fraction = clamp(grid.top / range(), 1);
    place(handle, fraction);
    bar.ariaValueNow = Math.round(fraction * 100);
    bar.ariaValueText = photos.total ? monthInWords(grid.dayAt(grid.top).day) : '';
    if (!isScrolled) return void draw();
    bar.classList.add('active');
    clearTimeout(hiding);
    hiding = setTimeout(() => bar.classList.remove('active'), 1500);
  };
}
