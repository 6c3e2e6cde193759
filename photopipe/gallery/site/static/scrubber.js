import { element, monthInWords } from './dom.js';

const LABEL_PX = 22;
const DOT_PX = 7;

/** The timeline at the right edge; returns what must be called when the page has moved. */
export function scrubber(grid, photos) {
  const marks = element('div', { className: 'marks', ariaHidden: 'true' });
  const bubble = element('output', { className: 'bubble', ariaHidden: 'true' });
  const handle = element('div', { className: 'handle', ariaHidden: 'true' });
  const bar = element('div', { id: 'scrubber', role: 'slider', tabIndex: 0, hidden: true }, marks, handle, bubble);
  for (const [name, value] of [['label', 'Timeline'], ['orientation', 'vertical'], ['valuemin', 0], ['valuemax', 100]]) {
    bar.setAttribute(`aria-${name}`, value);
  }
  document.body.append(bar);
  let [drawnFor, hiding] = ['', undefined];
  const range = () => Math.max(grid.height - innerHeight / 2, 1);  // the last half screen is one place
  const dayAt = (fraction) => photos.days[grid.dayAt(fraction * range())];

  function drawMarks() {
    const height = bar.clientHeight;
    let [year, month, labelled, dotted] = ['', '', -LABEL_PX, -DOT_PX];
    marks.replaceChildren();
    for (const { day, top } of photos.days) {
      const y = Math.min(top / range(), 1) * height;
      if (day.slice(0, 4) !== year && y - labelled >= LABEL_PX && y <= height - LABEL_PX / 2) {
        marks.append(mark('year', y, day.slice(0, 4)));
        [year, labelled, dotted] = [day.slice(0, 4), y, y + DOT_PX];
      } else if (day.slice(0, 7) !== month && y - dotted >= DOT_PX) {
        marks.append(mark('dot', y, ''));
        dotted = y;
      }
      month = day.slice(0, 7);
    }
  }

  function moved() {
    bar.hidden = grid.height < 3 * innerHeight;
    document.documentElement.classList.toggle('has-scrubber', !bar.hidden);
    if (bar.hidden) return;
    const state = `${grid.height} ${bar.clientHeight} ${photos.days.length}`;
    if (state !== drawnFor) drawMarks();
    drawnFor = state;
    const fraction = Math.min(Math.max(grid.top / range(), 0), 1);
    handle.style.top = `${fraction * 100}%`;
    bar.setAttribute('aria-valuenow', Math.round(fraction * 100));
    bar.setAttribute('aria-valuetext', monthInWords(dayAt(fraction)?.day ?? ''));
    bar.classList.add('active');
    clearTimeout(hiding);
    hiding = setTimeout(() => bar.classList.remove('active'), 1500);
  }

  function point(event) {
    const box = bar.getBoundingClientRect();
    const fraction = Math.min(Math.max((event.clientY - box.top) / box.height, 0), 1);
    bubble.style.top = `${fraction * 100}%`;
    bubble.textContent = monthInWords(dayAt(fraction).day);
    if (bar.hasPointerCapture(event.pointerId)) grid.scrollTo(fraction * range());
  }

  bar.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    bar.setPointerCapture(event.pointerId);
    bar.classList.add('dragged');
    point(event);
  });
  bar.addEventListener('pointermove', point);
  bar.addEventListener('lostpointercapture', () => bar.classList.remove('dragged'));
  bar.addEventListener('keydown', (event) => {
    const [digits, step] = { ArrowUp: [7, -1], ArrowDown: [7, 1], PageUp: [4, -1], PageDown: [4, 1] }[event.key] ?? [];
    const last = photos.days.length - 1;
    let i = { Home: 0, End: last }[event.key] ?? grid.dayAt(Math.max(grid.top, 0));
    if (digits) {  // to the first day of the month or year before or after
      const period = (n) => photos.days[n].day.slice(0, digits);
      const here = period(i);
      while (i + step >= 0 && i + step <= last && period(i) === here) i += step;
      while (i > 0 && period(i - 1) === period(i)) i -= 1;
    } else if (!['Home', 'End'].includes(event.key)) return;
    event.preventDefault();
    grid.scrollTo(photos.days[i].top + 1);
  });
  return moved;
}

function mark(className, y, text) {
  const made = element('span', { className, textContent: text });
  made.style.top = `${y}px`;
  return made;
}
