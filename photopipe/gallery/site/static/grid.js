import { dayInWords, element, extension, srcset, timeInWords } from './dom.js';

const HEADING_PX = 56;
const NARROWEST_DAY_PX = 290;  // what its heading needs
const ratio = (tile) => Math.min(Math.max(tile.width / tile.height || 1, 0.5), 3);

/** Rows of photos by day. Only what is in view, or nearly, is in the page; everything has its place from the start. */
export class Grid {
  moved = () => {};       // called when the page was scrolled (true) or laid out anew
  #sections = new Map();  // day -> its element; its `links` are those of its photos, by their ids
  constructor(main, photos) {
    Object.assign(this, { main, photos });
    photos.changed = () => this.update();
    addEventListener('scroll', () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => main.clientWidth !== this.width && this.update()).observe(main);
  }
  get top() { return scrollY - this.offset; }
  scrollTo(top) { scrollTo({ top: top + this.offset, behavior: 'instant' }); }
  dayAt(top) { return this.photos.days.findLast((day) => day.top <= Math.max(top, 0)); }
  pageOf(tile) { return this.main.dataset.photo.replace('{id}', tile.id); }
  /** The link of a photo, if it is in the page. */
  link(tile) { return tile && this.main.querySelector(`.photo[data-id="${CSS.escape(tile.id)}"]`); }
  /** Lays out what has changed; what is in view stays where it is. */
  update() {
    const place = (one) => one.getBoundingClientRect();
    const isInView = (one) => place(one).bottom > 2 * HEADING_PX && place(one).top < innerHeight;
    const inView = this.top > 0 ? [...this.main.querySelectorAll('.photo, .day')].filter(isInView) : [];
    const anchor = inView.find((one) => one.dataset.id) ?? inView[0];
    const was = anchor && place(anchor).top;
    const isResized = this.width !== this.main.clientWidth;
    const number = (name) => parseInt(getComputedStyle(this.main).getPropertyValue(name), 10);
    [this.width, this.row, this.gap] = [this.main.clientWidth, number('--row'), number('--gap')];
    let [left, top, bottom] = [0, 0, 0];
    for (const day of this.photos.days) {
      if (isResized || day.isDirty || !day.height) layOut(day, this);
      if (left + day.width > this.width) [left, top] = [0, bottom];  // days of few photos stand side by side
      Object.assign(day, { left, top, isDirty: false });
      [left, bottom] = [left + day.width + 6 * this.gap, Math.max(bottom, top + day.height)];
    }
    this.height = bottom;
    this.main.style.height = `${this.height}px`;
    this.offset = this.main.getBoundingClientRect().top + scrollY;
    const day = anchor && this.photos.days.find((one) => one.day <= anchor.closest('.day').dataset.day);
    const tile = day?.photos.find(({ id }) => id === anchor.dataset.id);
    const moved = day && (tile || !anchor.dataset.id) ? day.top + (tile?.box.top ?? 0) - this.top - was : 0;
    if (Math.abs(moved) >= 1) this.scrollTo(this.top + moved);
    this.draw();
    this.moved();
  }
  /** Scrolls as far as needed to have a photo in view. */
  show(index) {
    const day = this.photos.dayOf(index);
    const { top, height } = this.photos.at(index).box;
    const above = day.top + top - this.top;
    if (above > 2 * HEADING_PX && above + height < innerHeight) return;
    this.scrollTo(day.top + top - (innerHeight - height) / 2);
    this.draw();
  }
  draw() {
    const margin = (this.lastTop > 0 ? 1 : 0.5) * innerHeight;  // a first look loads no more than it must
    const [from, to] = [this.top - margin, this.top + innerHeight + margin];
    const days = this.photos.days.filter((day) => day.top < to && day.top + day.height > from);
    this.#sections = new Map(days.map((day) => [day, this.#section(day, from, to)]));
    replaceChildren(this.main, [...this.#sections.values()]);
    if (this.isFast) return;
    this.photos.keep(days);
    for (const day of days) {
      const isSeen = day.isStale || day.top + (day.photos.at(-1)?.box.top ?? 0) < to;
      if (this.photos.isComplete(day) || !isSeen) continue;
      this.photos.load(day).catch((error) => error.name === 'AbortError' || console.warn(error.message));
    }
  }
  #scrolled() {
    this.isFast = Math.abs(this.top - this.lastTop) > 1.5 * innerHeight;  // nothing is loaded only to fly by
    this.lastTop = this.top;
    clearTimeout(this.settled);
    if (this.isFast) this.settled = setTimeout(() => { this.isFast = false; this.draw(); }, 100);
    this.draw();
    this.moved(true);
  }
  #section(day, from, to) {
    const heading = () => element('h2', { textContent: dayInWords(day.day) });
    const section = this.#sections.get(day) ?? element('section', { className: 'day', links: new Map() }, heading());
    section.dataset.day = day.day;
    section.classList.toggle('complete', this.photos.isComplete(day));
    for (const side of ['left', 'top', 'width', 'height']) section.style[side] = `${day[side]}px`;
    const links = new Map();
    for (const tile of day.photos) {
      const top = day.top + tile.box.top;
      if (top + tile.box.height < from || top > to) continue;
      const link = section.links.get(tile.id) ?? (this.isFast ? undefined : this.#newLink(tile));
      if (link) links.set(tile.id, place(link, tile));
    }
    replaceChildren(section, [section.firstElementChild, ...links.values()]);
    return Object.assign(section, { links });
  }
  #newLink(tile) {
    if (tile.link) return tile.link.cloneNode(true);
    const content = tile.thumbnails ? element('img', { alt: tile.alt, decoding: 'async' })
      : element('span', { className: 'file', textContent: extension(tile) });
    const ariaLabel = `${tile.alt}, ${timeInWords(tile.taken)}`;
    const link = element('a', { className: 'photo', href: this.pageOf(tile), ariaLabel }, content);
    link.dataset.id = tile.id;
    return link;
  }
}

/** Divides a day into rows of photos that are as high as makes them fill the width, and adds what is not loaded yet. */
function layOut(day, { width, row, gap }) {
  let [start, sum, top, all] = [0, 0, HEADING_PX, 0];
  const fit = (end, ratios) => (width - gap * (end - start - 1)) / ratios;
  const close = (end, exact) => {
    let left = 0;
    const height = Math.round(exact);
    for (const tile of day.photos.slice(start, end)) {
      const right = Math.min(left + ratio(tile) * exact, width);
      tile.box = { left: Math.round(left), top, width: Math.round(right) - Math.round(left), height };
      left = right + gap;
    }
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
  const [total, gaps] = [missing > 0 ? Math.max(day.widths, all) : all, gap * (day.count - 1)];
  const isNarrow = (width - gaps) / total >= 1.2 * row;
  day.width = isNarrow ? Math.min(Math.max(Math.round(total * row + gaps), NARROWEST_DAY_PX), width) : width;
}

/** Puts a photo in its place, and has the browser choose the picture by its size there. */
function place(link, { box, thumbnails }) {
  const img = link.querySelector('img');
  if (link.box === box) return link;
  link.box = box;
  for (const side of ['left', 'top', 'width', 'height']) link.style[side] = `${box[side]}px`;
  if (!img) return link;
  // In a small picture, more than 1.5 pixels for each of the page are not worth their bytes.
  img.sizes = `${Math.round(box.width * Math.min(Math.max(devicePixelRatio, 1.25), 1.5) / devicePixelRatio)}px`;
  if (img.onload) return link;
  img.onload = () => link.classList.add('loaded');
  let tries = 0;  // a busy server may not send it at once
  const ask = () => { if (link.isConnected) img.src = img.getAttribute('src'); };
  img.onerror = () => (tries++ < 5 ? setTimeout(ask, 1000 * tries) : img.onload());
  img.loading = 'eager';  // pictures that the page came with have waited until their place is known
  if (thumbnails) Object.assign(img, { srcset: srcset(thumbnails), src: thumbnails[0].url });
  if (img.complete) img.onload();
  return link;
}

/** Makes these the children, in this order, and touches none that stays; pictures that go stop loading. */
function replaceChildren(parent, children) {
  for (const child of [...parent.children].filter((one) => !children.includes(one))) {
    for (const img of child.querySelectorAll('img')) if (!img.complete) img.src = img.srcset = '';
    child.remove();
  }
  children.forEach((child, i) => { if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i]); });
}
