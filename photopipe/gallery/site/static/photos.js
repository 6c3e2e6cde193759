import { dateInWords } from './dom.js';

const MOST_LOADED = 4000;  // photos kept in memory; days far away are forgotten, and loaded again when needed

/** How wide a photo is shown for its height. */
export function ratio(tile) {
  return tile.thumbnails ? Math.min(Math.max(tile.width / tile.height, 0.5), 3) : 1;
}

/**
 * All photos that the page can show: how many there are of each day, and those that have been loaded.
 *
 * A day is { day, count, widths, first, photos, next }: `first` is the number of its first photo in the whole gallery,
 * `photos` the beginning of the day, `next` the address of what follows; undefined if the day must be read from its
 * start. `changed` is called after every change.
 */
export class Photos {
  constructor(addresses) {
    this.addresses = addresses;
    this.days = [];
    this.total = 0;
    this.changed = () => {};
  }

  /** Takes over the photos that the page came with. What only the viewer needs is loaded when it opens. */
  adopt(sections) {
    this.days = [...sections].map((section) => {
      const photos = [...section.querySelectorAll('a.photo')].map((link) => {
        const [width, height] = (link.dataset.size ?? '1x1').split('x').map(Number);
        const { id } = link.dataset;
        return { id, width, height, thumbnails: link.querySelector('img') && [], link, isPartial: true };
      });
      return { day: section.dataset.day, count: photos.length, photos };
    });
    this.#number();
  }

  /** Asks how many photos each day has; days that have changed are loaded again when they are in view. */
  async refresh() {
    const { days } = await fetchJson(this.addresses.days);
    const known = new Map(this.days.map((day) => [day.day, day]));
    this.days = days.map(([name, count, widths]) => {
      const day = known.get(name) ?? { day: name, photos: [] };
      const said = `${count} ${widths}`;
      const isStale = day.said ? day.said !== said : day.photos.length > count;
      if (day.said !== said) Object.assign(day, { said, count, widths, isDirty: true });
      if (isStale) Object.assign(day, { isStale, next: undefined });
      return day;
    });
    this.#number();
    this.changed();
  }

  /** Loads the next photos of a day, or its first ones again. */
  load(day) {
    day.loading ??= this.#load(day).finally(() => { delete day.loading; });
    return day.loading;
  }

  /** Ends loading the days that are not among these. */
  abortOthers(days) {
    for (const day of this.days) if (day.loading && !day.isNeeded && !days.includes(day)) day.abort.abort();
  }

  isComplete(day) {
    return day.photos.length >= day.count && !day.isStale;
  }

  /** The day of a photo, by the photo's number in the whole gallery. */
  dayOf(index) {
    let low = 0;
    for (let high = this.days.length; low + 1 < high;) {
      const middle = (low + high) >> 1;
      if (this.days[middle].first <= index) low = middle;
      else high = middle;
    }
    return this.days[low];
  }

  at(index) {
    const day = this.dayOf(index);
    return day?.photos[index - day.first];
  }

  /** The photo with all that is known of it. */
  async full(index) {
    if (index < 0 || index >= this.total) return undefined;
    for (let tile = this.at(index); !tile || tile.isPartial; tile = this.at(index)) {
      const day = this.dayOf(index);
      day.isNeeded = true;
      await this.load(day).finally(() => { day.isNeeded = false; });
      if (index >= this.total) return undefined;
    }
    return this.at(index);
  }

  indexOf(id) {
    for (const day of this.days) {
      const offset = day.photos.findIndex((tile) => tile.id === id);
      if (offset >= 0) return day.first + offset;
    }
    return -1;
  }

  remove(index) {
    const day = this.dayOf(index);
    day.photos.splice(index - day.first, 1);
    Object.assign(day, { count: day.count - 1, said: '', isDirty: true });
    this.#number();
    this.changed();
  }

  /** Forgets photos of days that are far from these. */
  forgetFar(days) {
    let loaded = this.days.reduce((sum, day) => sum + day.photos.length, 0);
    for (const day of loaded > MOST_LOADED ? this.days : []) {
      if (loaded < MOST_LOADED / 2) break;
      if (!day.photos.length || day.isNeeded || days.includes(day)) continue;
      loaded -= day.photos.length;
      Object.assign(day, { photos: [], next: undefined, isStale: false });
    }
  }

  async #load(day) {
    day.abort = new AbortController();
    const isStart = day.next === undefined;
    const page = await fetchJson(day.next ?? this.addresses.day.replace('{day}', day.day), day.abort.signal);
    const before = new Set(day.photos.map((tile) => tile.id));
    for (const tile of page.photos) {
      tile.isNew = day.isStale && !before.has(tile.id);
      tile.label = `${tile.alt}, ${dateInWords(tile.taken)}, ${tile.taken.slice(11, 16)}`;
    }
    day.photos = isStart ? page.photos : day.photos.concat(page.photos);
    Object.assign(day, { next: page.next, isStale: false, isDirty: true });
    // The count can be too high: files may have been removed by hand.
    if (page.next === null) day.count = day.photos.length;
    this.#number();
    this.changed();
  }

  #number() {
    this.days = this.days.filter((day) => day.count > 0);
    this.total = 0;
    for (const day of this.days) {
      day.first = this.total;
      this.total += day.count;
    }
  }
}

export async function fetchJson(address, signal) {
  const answer = await fetch(address, { signal, headers: { Accept: 'application/json' } });
  if (answer.status === 401) location.reload();  // the session has ended: the server shows the login page
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}
