import { dayInWords, element } from './dom.js';
import { HEADING_PX, layOut, measures } from './layout.js';
import { ratio } from './photos.js';

/** Rows of photos by day. Only what is in view, or nearly, is in the page; everything has its place from the start. */
export class Grid {
  constructor(main, photos) {
    this.main = main;
    this.photos = photos;
    this.sections = new Map();  // day -> its element, with a map of photo id -> link in `links`
    this.beyond = 0.5;          // how many screens are drawn above and below the one in view
    this.moved = () => {};
    photos.changed = () => this.#soon();
    addEventListener('scroll', () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.main.clientWidth !== this.measures?.width && this.update()).observe(main);
  }

  /** Places everything anew; what is in view stays where it is. */
  update() {
    const anchor = this.#anchor();
    const width = this.main.clientWidth;
    const isResized = width !== this.measures?.width;
    this.measures = measures(width);
    let top = 0;
    for (const day of this.photos.days) {
      if (isResized || day.isDirty || day.height === undefined) layOut(day, this.measures);
      Object.assign(day, { top, isDirty: false });
      top += day.height;
    }
    this.height = top;
    this.main.style.height = `${top}px`;
    this.offset = this.main.getBoundingClientRect().top + scrollY;
    this.#restore(anchor);
    this.draw();
    this.moved();
  }

  get top() { return scrollY - this.offset; }

  scrollTo(top) { scrollTo({ top: top + this.offset, behavior: 'instant' }); }

  /** The day at a distance from the top of the grid. */
  dayAt(top) {
    const { days } = this.photos;
    let low = 0;
    for (let high = days.length; low + 1 < high;) {
      const middle = (low + high) >> 1;
      if (days[middle].top <= top) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The link of a photo, if it is in the page. */
  link(tile) { return tile && this.main.querySelector(`.photo[data-id="${CSS.escape(tile.id)}"]`); }

  /** Scrolls as far as needed to have a photo in view, and returns its link. */
  show(index) {
    const day = this.photos.dayOf(index);
    const row = day?.rows.find(({ end }) => index - day.first < end);
    if (!row) return undefined;
    const top = day.top + row.top;
    if (top < this.top + HEADING_PX || top + row.height > this.top + innerHeight - HEADING_PX) {
      this.scrollTo(top - (innerHeight - row.height) / 2);
      this.draw();
    }
    return this.link(this.photos.at(index));
  }

  draw() {
    const { days } = this.photos;
    const [top, bottom] = [this.top, this.top + innerHeight];
    const [from, to] = [top - this.beyond * innerHeight, bottom + this.beyond * innerHeight];
    const drawn = [];
    for (let i = this.dayAt(from); i < days.length && days[i].top < to; i++) drawn.push(days[i]);
    replaceChildren(this.main, drawn.map((day) => this.#section(day, from, to)));
    for (const day of this.sections.keys()) if (!drawn.includes(day)) this.sections.delete(day);
    if (!this.isFast) this.#load(drawn, to);
  }

  #scrolled() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = undefined;
      this.isFast = Math.abs(this.top - this.lastTop) > 1.5 * innerHeight;
      this.lastTop = this.top;
      if (this.top > 0) this.beyond = 1;
      clearTimeout(this.settled);
      if (this.isFast) this.settled = setTimeout(() => { this.isFast = false; this.draw(); }, 100);
      this.draw();
      this.moved();
    });
  }

  #soon() {
    this.pending ??= requestAnimationFrame(() => { this.pending = undefined; this.update(); });
  }

  #load(days, to) {
    this.photos.abortOthers(days);
    this.photos.forgetFar(days);
    const report = (error) => { if (error.name !== 'AbortError') console.warn(error.message); };
    for (const day of days) {
      const end = day.top + (day.rows.at(-1)?.top ?? 0);
      if (day.isStale || (!this.photos.isComplete(day) && end < to)) this.photos.load(day).catch(report);
    }
  }

  #section(day, from, to) {
    let section = this.sections.get(day);
    if (!section) {
      const heading = element('h2', { textContent: dayInWords(day.day) });
      section = element('section', { className: 'day' }, heading);
      Object.assign(section, { heading, links: new Map() }).dataset.day = day.day;
      this.sections.set(day, section);
    }
    section.classList.toggle('loaded', this.photos.isComplete(day));
    section.style.top = `${day.top}px`;
    section.style.height = `${day.height}px`;
    const links = new Map();
    for (const row of day.rows) {
      const top = day.top + row.top;
      if (top + row.height < from || top > to) continue;
      this.#drawRow(day, row, section.links, links);
    }
    replaceChildren(section, [section.heading, ...links.values()]);
    section.links = links;
    return section;
  }

  #drawRow(day, row, before, links) {
    const { width, gap } = this.measures;
    let left = 0;
    for (let i = row.start; i < row.end; i++) {
      const tile = day.photos[i];
      const right = Math.min(left + ratio(tile) * row.height, width);
      const link = before.get(tile.id) ?? (this.isFast ? undefined : this.#newLink(tile));
      if (link) {
        place(link, Math.round(left), Math.round(row.top), Math.round(right) - Math.round(left), Math.round(row.height));
        links.set(tile.id, link);
      }
      left = right + gap;
    }
  }

  #newLink(tile) {
    if (tile.link) return tile.link;
    const link = element('a', { className: 'photo', href: this.pageOf(tile), ariaLabel: tile.label });
    link.dataset.id = tile.id;
    if (tile.isNew) link.classList.add('new');
    tile.isNew = false;
    if (tile.thumbnails) link.append(element('img', { alt: tile.alt, decoding: 'async' }));
    else link.append(element('span', { className: 'file', textContent: tile.name.split('.').at(-1).toUpperCase() }));
    link.thumbnails = tile.thumbnails;
    return link;
  }

  pageOf(tile) {
    return this.main.dataset.photo.replace('{id}', tile.id);
  }

  /** The first photo in view, and how far it is from the top. */
  #anchor() {
    if (!this.measures || this.top <= 0) return undefined;
    const day = this.photos.days.find((one) => one.top + one.height > this.top && one.top <= this.top);
    const row = day?.rows.find((one) => day.top + one.top + one.height > this.top);
    return day && { day: day.day, id: row && day.photos[row.start]?.id, above: this.top - day.top - (row?.top ?? 0) };
  }

  #restore(anchor) {
    const day = anchor && this.photos.days.find((one) => one.day <= anchor.day);
    if (!day) return;
    const offset = anchor.id === undefined ? -1 : day.photos.findIndex((tile) => tile.id === anchor.id);
    const row = day.rows.find((one) => offset >= one.start && offset < one.end);
    const top = Math.round(day.top + (row?.top ?? 0) + anchor.above);
    if (Math.abs(top - this.top) >= 1) this.scrollTo(top);
  }
}

/** Puts a photo in its place, and chooses the picture by its size there. */
function place(link, left, top, width, height) {
  const box = `${left} ${top} ${width} ${height}`;
  if (link.box === box) return;
  link.box = box;
  Object.assign(link.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  const img = link.querySelector('img');
  if (!img) return;
  // More than 1.6 pixels for each of the page are not worth their bytes in a small picture.
  img.sizes = `${Math.round(width * Math.min(Math.max(devicePixelRatio, 1.25), 1.6) / devicePixelRatio)}px`;
  if (img.onload) return;
  img.loading = 'eager';  // those that the page came with have waited until their place is known
  img.onload = () => link.classList.add('loaded');
  if (link.thumbnails) {
    img.srcset = link.thumbnails.map((picture) => `${picture.url} ${picture.width}w`).join(', ');
    img.src = link.thumbnails[0].url;
  }
  if (img.complete) img.onload();
}

/** Makes these the children, in this order, and touches none that stays. */
function replaceChildren(parent, children) {
  const kept = new Set(children);
  for (const child of [...parent.children]) {
    if (kept.has(child)) continue;
    for (const img of child.querySelectorAll('img')) if (!img.complete) img.removeAttribute('srcset'), img.src = '';
    child.remove();
  }
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}
