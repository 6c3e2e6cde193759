import { dayInWords, element, extension, oncePerFrame, srcset } from './dom.js';
import { ratio } from './photos.js';

const HEADING_PX = 56;

/** Rows of photos by day. Only what is in view, or nearly, is in the page; everything has its place from the start. */
export class Grid {
  moved = () => {};       // called when the page was scrolled (true) or laid out anew
  #sections = new Map();  // day -> its element; its `links` are those of its photos, by their ids
  #beyond = 0.5;          // how many screens are drawn above and below the one in view

  constructor(main, photos) {
    Object.assign(this, { main, photos });
    photos.changed = oncePerFrame(() => this.update());
    addEventListener('scroll', oncePerFrame(() => this.#scrolled()), { passive: true });
    new ResizeObserver(() => main.clientWidth !== this.width && this.update()).observe(main);
  }

  /** Lays out what has changed; what is in view stays where it is. */
  update() {
    const anchor = this.width && this.top > 0 && this.#anchor();
    const isResized = this.width !== this.main.clientWidth;
    this.width = this.main.clientWidth;
    const style = getComputedStyle(this.main);
    [this.row, this.gap] = ['--row', '--gap'].map((name) => parseInt(style.getPropertyValue(name), 10));
    this.height = 0;
    for (const day of this.photos.days) {
      if (isResized || day.isDirty || !day.height) layOut(day, this);
      Object.assign(day, { top: this.height, isDirty: false });
      this.height += day.height;
    }
    this.main.style.height = `${this.height}px`;
    this.offset = this.main.getBoundingClientRect().top + scrollY;
    if (anchor) this.#restore(anchor);
    this.draw();
    this.moved();
  }

  get top() { return scrollY - this.offset; }

  scrollTo(top) { scrollTo({ top: top + this.offset, behavior: 'instant' }); }

  dayAt(top) { return this.photos.days.findLast((day) => day.top <= Math.max(top, 0)); }

  /** Scrolls as far as needed to have a photo in view. */
  show(index) {
    const day = this.photos.dayOf(index);
    if (day.isDirty) this.update();
    const row = day.rows.find(({ end }) => index - day.first < end);
    const above = day.top + row.top - this.top;
    if (above < 2 * HEADING_PX || above + row.height > innerHeight) {
      this.scrollTo(this.top + above - (innerHeight - row.height) / 2);
      this.draw();
    }
  }

  /** The link of a photo, if it is in the page. */
  link(tile) { return tile && this.main.querySelector(`.photo[data-id="${CSS.escape(tile.id)}"]`); }

  pageOf(tile) { return this.main.dataset.photo.replace('{id}', tile.id); }

  draw() {
    const margin = this.#beyond * innerHeight;
    const [from, to] = [this.top - margin, this.top + innerHeight + margin];
    const days = this.photos.days.filter((day) => day.top < to && day.top + day.height > from);
    this.#sections = new Map(days.map((day) => [day, this.#section(day, from, to)]));
    replaceChildren(this.main, [...this.#sections.values()]);
    if (this.isFast) return;
    this.photos.keep(days);
    for (const day of days) {
      const isSeen = day.isStale || day.top + (day.rows.at(-1)?.top ?? 0) < to;
      if (this.photos.isComplete(day) || !isSeen) continue;
      this.photos.load(day).catch((error) => error.name === 'AbortError' || console.warn(error.message));
    }
  }

  #scrolled() {
    this.isFast = Math.abs(this.top - this.lastTop) > 1.5 * innerHeight;  // nothing is loaded only to fly by
    this.lastTop = this.top;
    if (this.top > 0) this.#beyond = 1;
    clearTimeout(this.settled);
    if (this.isFast) this.settled = setTimeout(() => { this.isFast = false; this.draw(); }, 100);
    this.draw();
    this.moved(true);
  }

  #section(day, from, to) {
    const section = this.#sections.get(day) ?? element('section', { className: 'day', links: new Map() },
      element('h2', { textContent: dayInWords(day.day) }));
    section.dataset.day = day.day;
    section.classList.toggle('complete', this.photos.isComplete(day));
    Object.assign(section.style, { top: `${day.top}px`, height: `${day.height}px` });
    const links = new Map();
    for (const row of day.rows) {
      const top = day.top + row.top;
      if (top + row.height > from && top < to) this.#drawRow(day, row, section.links, links);
    }
    replaceChildren(section, [section.firstElementChild, ...links.values()]);
    return Object.assign(section, { links });
  }

  #drawRow(day, row, before, links) {
    let left = 0;
    for (const tile of day.photos.slice(row.start, row.end)) {
      const link = before.get(tile.id) ?? (this.isFast ? undefined : tile.link ?? this.#newLink(tile));
      const right = Math.min(left + ratio(tile) * row.height, this.width);
      if (link) {
        place(link, tile, ...[left, row.top, right - left, row.height].map(Math.round));
        links.set(tile.id, link);
      }
      left = right + this.gap;
    }
  }

  #newLink(tile) {
    const link = element('a', { className: 'photo', href: this.pageOf(tile), ariaLabel: tile.label });
    link.dataset.id = tile.id;
    link.classList.toggle('new', tile.isNew);
    tile.isNew = false;
    link.append(tile.thumbnails ? element('img', { alt: tile.alt, decoding: 'async' })
      : element('span', { className: 'file', textContent: extension(tile) }));
    return link;
  }

  /** The first photo in view, and how far it is above the top. */
  #anchor() {
    const day = this.dayAt(this.top);
    const row = day?.rows.find((one) => day.top + one.top + one.height > this.top);
    return day && { day: day.day, id: day.photos[row?.start]?.id, above: this.top - day.top - (row?.top ?? 0) };
  }

  #restore(anchor) {
    const day = this.photos.days.find((one) => one.day <= anchor.day);
    const offset = day?.photos.findIndex((tile) => tile.id === anchor.id);
    const row = day?.rows.find((one) => one.start <= offset && offset < one.end);
    const top = (day?.top ?? 0) + (row?.top ?? 0) + anchor.above;
    if (Math.abs(top - this.top) >= 1) this.scrollTo(top);
  }
}

/** Divides a day into rows of photos that are as high as makes them fill the width, and adds what is not loaded yet. */
function layOut(day, { width, row, gap }) {
  day.rows = [];
  let [start, sum, top, all] = [0, 0, HEADING_PX, 0];
  const fit = (end, ratios) => (width - gap * (end - start - 1)) / ratios;
  const close = (end, height) => {
    day.rows.push({ start, end, top, height });
    [start, sum, top] = [end, 0, top + height + gap];
  };
  for (const [i, tile] of day.photos.entries()) {
    const [without, including] = [fit(i, sum), fit(i + 1, sum + ratio(tile))];
    if (sum && including <= row && without - row < row - including) close(i, without);
    sum += ratio(tile);
    all += ratio(tile);
    if (fit(i + 1, sum) <= row) close(i + 1, fit(i + 1, sum));
  }
  const last = fit(day.photos.length, sum);  // the last row is filled only if that hardly enlarges it
  if (sum) close(day.photos.length, last < 1.2 * row ? last : row);
  const missing = day.count - day.photos.length;
  const rows = Math.ceil(Math.max(day.widths - all, missing / 2) * row / width - 0.3);
  if (missing > 0) top += Math.max(1, rows) * (row + gap);
  day.height = Math.ceil(top + 2 * gap);
}

/** Puts a photo in its place, and has the browser choose the picture by its size there. */
function place(link, tile, left, top, width, height) {
  const box = `${left} ${top} ${width} ${height}`;
  if (link.box === box) return;
  link.box = box;
  Object.assign(link.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  const img = link.querySelector('img');
  if (!img) return;
  // In a small picture, more than 1.6 pixels for each of the page are not worth their bytes.
  img.sizes = `${Math.round(width * Math.min(Math.max(devicePixelRatio, 1.25), 1.6) / devicePixelRatio)}px`;
  if (img.onload) return;
  img.onload = () => link.classList.add('loaded');
  img.loading = 'eager';  // pictures that the page came with have waited until their place is known
  if (tile.thumbnails) Object.assign(img, { srcset: srcset(tile.thumbnails), src: tile.thumbnails[0].url });
  if (img.complete) img.onload();
}

/** Makes these the children, in this order, and touches none that stays; pictures that go stop loading. */
function replaceChildren(parent, children) {
  for (const child of [...parent.children]) {
    if (children.includes(child)) continue;
    for (const img of child.querySelectorAll('img')) if (!img.complete) img.src = img.srcset = '';
    child.remove();
  }
  children.forEach((child, i) => { if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i]); });
}
