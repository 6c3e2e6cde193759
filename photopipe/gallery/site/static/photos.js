const MOST_LOADED = 4000;  // photos in memory; above, those of days that are not in view are forgotten
// A day is { day, count, widths, first, photos, next, isStale, isDirty }: `photos` is the beginning of the day, `first`
// the number of its first photo in the whole gallery, `next` the address of what follows, if it need not be read from
// its start; it is stale if it must be read again, dirty if it must be laid out again.

/** All photos that the page can show: how many each day has, and those that have been loaded. */
export class Photos {
  days = [];
  changed = () => {};
  constructor(addresses) { this.addresses = addresses; }
  /** Takes over the photos that the page came with. What only the viewer needs is loaded when it opens. */
  adopt(sections) {
    this.#setDays(sections.map((section) => {
      const photos = [...section.querySelectorAll('.photo')].map((link) => ({ ...link.dataset, link }));
      return { day: section.dataset.day, count: photos.length, photos };
    }));
  }
  /** Asks how many photos each day has; those that have changed are read again when they are in view. */
  async refresh() {
    const { days } = await fetchJson(this.addresses.days);
    const known = new Map(this.days.map((day) => [day.day, day]));
    this.#setDays(days.map(([name, count, widths]) => {
      const day = known.get(name) ?? { day: name, photos: [] };
      const said = `${count} ${widths}`;
      if (day.said === said) return day;
      if (day.said || day.photos.length > count) Object.assign(day, { isStale: true, next: undefined });
      return Object.assign(day, { said, count, widths, isDirty: true });
    }));
  }
  /** Loads the next photos of a day, or its first ones again. */
  load(day) { return day.loading ??= this.#load(day); }
  async #load(day) {
    day.abort = new AbortController();
    const before = day.next ? day.photos : [];
    const address = day.next ?? this.addresses.day.replace('{day}', day.day);
    const page = await fetchJson(address, day.abort.signal).finally(() => { day.loading = undefined; });
    Object.assign(day, { photos: before.concat(page.photos), next: page.next, isStale: false, isDirty: true });
    if (page.next === null) day.count = day.photos.length;  // fewer than the index says: files were removed by hand
    this.#setDays(this.days);
  }
  /** Stops loading all but these days. */
  keep(days) {
    const isTooMuch = this.days.reduce((sum, day) => sum + day.photos.length, 0) > MOST_LOADED;
    for (const day of this.days.filter((one) => !one.isNeeded && !days.includes(one))) {
      day.abort?.abort();
      if (isTooMuch) Object.assign(day, { photos: [], next: undefined });
    }
  }
  isComplete(day) { return day.photos.length >= day.count && !day.isStale; }
  /** The day of a photo, by the photo's number in the whole gallery. */
  dayOf(index) { return this.days.findLast((day) => day.first <= index); }
  at(index) { return this.dayOf(index)?.photos[index - this.dayOf(index).first]; }
  /** Loads all that the viewer shows of a photo. */
  async full(index) {
    while (index >= 0 && index < this.total && !this.at(index)?.url) {
      const day = this.dayOf(index);
      day.isNeeded = true;
      await this.load(day).finally(() => { day.isNeeded = false; });
    }
  }
  #setDays(days) {
    this.days = days.filter((day) => day.count > 0);
    this.total = this.days.reduce((first, day) => { day.first = first; return first + day.count; }, 0);
    this.changed();
  }
}

async function fetchJson(address, signal) {
  const answer = await fetch(address, { signal });
  if (answer.status === 401) location.reload();  // the session has ended: the server shows the login page
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return answer.json();
}
