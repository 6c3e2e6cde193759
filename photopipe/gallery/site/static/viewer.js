import { dayInWords, element, toast } from './dom.js';
import PhotoSwipe from './photoswipe/photoswipe.esm.min.js';

const sheet = element('link', { rel: 'stylesheet', href: new URL('photoswipe/photoswipe.css', import.meta.url).href });
const isStyled = new Promise((resolve) => { sheet.onload = sheet.onerror = resolve; });
document.head.prepend(sheet);

const ICONS = {
  details: 'M16 4a12 12 0 1 0 0 24 12 12 0 0 0 0-24Zm0 2.400a9.6 9.6 0 1 1 0 19.2 9.6 9.6 0 0 1 0-19.200Z'
    + 'M14.8 14.500h2.400v8h-2.400Zm0-5h2.400v2.700h-2.400Z',
  download: 'M14.8 5h2.400v12.500l4.400-4.4 1.7 1.700L16 22.100l-7.300-7.3 1.700-1.7 4.4 4.400ZM7 25h18v2.400H7Z',
  original: 'M8 4h11l6 6v18H8Zm2.4 2.400v19.200h12.200V11h-4.600V6.400ZM13 15h6v2.400h-6Zm0 4.500h6V22h-6Z',
  remove: 'M13 4h6l1 2h6v2.400H6V6h6ZM8 10.500h2.400v15.100h11.200V10.500H24V28H8Zm4.8 1.500h2.300v11.500h-2.300Zm4.1 0h2.300v11.500h-2.300Z',
};
const isSheet = () => innerWidth < 700;  // the details come from below

/** Opens the viewer over the whole gallery. */
export async function open(index, grid, photos) {
  await Promise.all([isStyled, photos.full(index)]);
  if (!document.querySelector('.pswp')) new Viewer(grid, photos).open(index);
}

class Viewer {
  constructor(grid, photos) {
    Object.assign(this, { grid, photos, addresses: grid.main.dataset, hasDetails: false });
    const pswp = new PhotoSwipe({
      bgOpacity: 1, loop: false, wheelToZoom: true, returnFocus: false, preload: [1, 2], maxZoomLevel: 4,
      showHideAnimationType: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'none' : 'zoom',
      arrowPrevTitle: 'Newer photo', arrowNextTitle: 'Older photo', indexIndicatorSep: ' of ',
      errorMsg: 'This picture cannot be shown.',
      paddingFn: ({ x, y }) => {
        const shown = this.hasDetails ? 1 : 0;
        return isSheet() ? { top: 0, bottom: shown * y / 2, left: 0, right: 0 }
          : { top: 0, bottom: 0, left: 0, right: Math.min(shown * 360, x / 2) };
      },
    });
    this.pswp = pswp;
    pswp.addFilter('numItems', () => photos.total);
    pswp.addFilter('itemData', (_, index) => this.#item(index));
    pswp.addFilter('thumbEl', (_, data, index) => grid.link(photos.at(index))?.querySelector('img'));
    pswp.addFilter('placeholderSrc', (_, content) => content.data.thumbnail);
    pswp.on('contentLoad', (event) => showOther(event));
    pswp.on('uiRegister', () => this.#registerButtons());
    pswp.on('change', () => this.#changed());
    pswp.on('keydown', (event) => this.#pressed(event));
    pswp.on('destroy', () => this.#closed());
  }

  open(index) {
    this.title = document.title;
    history.scrollRestoration = 'manual';  // the grid has moved along by the time we are back
    history.pushState({}, '');
    this.wentBack = () => { this.isBack = true; this.pswp.close(); };
    addEventListener('popstate', this.wentBack);
    this.pswp.options.index = index;
    this.pswp.init();
    this.pswp.element.setAttribute('aria-label', 'Photo viewer');
  }

  get tile() { return this.photos.at(this.pswp.currIndex); }

  #item(index) {
    const tile = this.photos.at(index);
    if (!tile || tile.isPartial) {
      this.photos.full(index).then(() => this.pswp.refreshSlideContent(index), () => {});
      return { type: 'other', text: '' };
    }
    if (!tile.sources) return { type: 'other', text: tile.name.split('.').at(-1).toUpperCase() };
    return {
      src: tile.sources.at(-1).url,
      srcset: tile.sources.map((picture) => `${picture.url} ${picture.width}w`).join(', '),
      width: tile.width, height: tile.height, alt: tile.alt, thumbnail: tile.thumbnails[0].url,
    };
  }

  #registerButtons() {
    const { ui } = this.pswp;
    const button = (name, title, order, more) => ui.registerElement({
      name, title, order, isButton: true, html: `<svg class="pswp__icn" viewBox="0 0 32 32" aria-hidden="true">`
        + `<path fill-rule="evenodd" d="${ICONS[name]}"/></svg>`, ...more,
    });
    const link = (name, title, order, fileOf) => button(name, title, order, {
      tagName: 'a', onInit: (made) => this.pswp.on('change', () => {
        const file = this.tile && fileOf(this.tile);
        made.hidden = !file;
        if (file) Object.assign(made, { href: file.url, download: file.name });
      }),
    });
    link('download', 'Download', 11, (tile) => tile);
    link('original', 'Download the original', 12, (tile) => tile.original);
    button('details', 'Details (I)', 13, { onClick: () => this.#toggleDetails() });
    if (this.addresses.write) button('remove', 'Delete', 14, { onClick: () => this.#remove() });
    ui.registerElement({ name: 'caption', appendTo: 'root', onInit: (made) => { this.caption = made; } });
    ui.registerElement({ name: 'panel', className: 'details', appendTo: 'root', onInit: (made) => {
      Object.assign(made, { hidden: true, tabIndex: 0, ariaLabel: 'Details', role: 'region' });
      this.details = made;
    } });
  }

  #changed() {
    const { tile } = this;
    if (!tile || tile.isPartial) return;
    history.replaceState({}, '', this.grid.pageOf(tile));
    document.title = tile.alt;
    this.caption.textContent = tile.caption ?? tile.title ?? '';
    this.details.replaceChildren(...detailsOf(tile, this.addresses));
    this.grid.show(this.pswp.currIndex);
  }

  #pressed(event) {
    const { key, ctrlKey, metaKey, altKey } = event.originalEvent;
    if (ctrlKey || metaKey || altKey) return;
    const act = {
      i: () => this.#toggleDetails(), Home: () => this.pswp.goTo(0), End: () => this.pswp.goTo(this.photos.total - 1),
      Delete: () => this.addresses.write && this.#remove(),
    }[key.length === 1 ? key.toLowerCase() : key];
    if (!act) return;
    event.originalEvent.preventDefault();
    act();
  }

  #toggleDetails() {
    this.hasDetails = !this.hasDetails;
    this.details.hidden = !this.hasDetails;
    this.pswp.element.classList.toggle('has-details', this.hasDetails);
    this.pswp.updateSize(true);
  }

  async #remove() {
    const { tile, photos, pswp } = this;
    if (!tile) return;
    const address = this.addresses.write.replace('{id}', tile.id);
    try {
      await send('DELETE', address);
    } catch (error) {
      toast(`${tile.name} was not deleted: ${error.message}.`);
      return;
    }
    photos.remove(photos.indexOf(tile.id));
    toast('Moved to the trash.', 'Undo', () => send('POST', `${address}/restore`).then(() => photos.refresh())
      .catch((error) => toast(`${tile.name} was not restored: ${error.message}.`)));
    if (photos.total === 0) pswp.close();
    else this.#renumber();
  }

  /** Shows what has moved into the places of the photos around. */
  #renumber() {
    const { pswp } = this;
    const index = Math.min(pswp.currIndex, this.photos.total - 1);
    pswp.contentLoader.destroy();
    if (index !== pswp.currIndex) pswp.goTo(index);
    for (const near of [index, index - 1, index + 1]) pswp.refreshSlideContent(near);
  }

  #closed() {
    removeEventListener('popstate', this.wentBack);
    document.title = this.title;
    this.grid.show(Math.min(this.pswp.currIndex, this.photos.total - 1))?.focus({ preventScroll: true });
    if (!this.isBack) history.back();
    setTimeout(() => { history.scrollRestoration = 'auto'; });
  }
}

async function send(method, address) {
  const answer = await fetch(address, { method });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail ?? `status ${answer.status}`);
}

/** A slide that is no picture: a file that browsers do not show, or a photo that is still loading. */
function showOther(event) {
  const { content } = event;
  if (content.type !== 'other') return;
  event.preventDefault();
  content.element = element('div', { className: 'file', textContent: content.data.text });
  content.onLoaded();
}

function detailsOf(tile, addresses) {
  const rows = element('dl');
  const add = (name, ...values) => rows.append(element('dt', { textContent: name }), element('dd', {}, ...values));
  const links = (all, made) => all.flatMap((one, i) => (i ? [', ', made(one)] : [made(one)]));
  const search = (word) => (addresses.search
    ? element('a', { href: `${addresses.search}?q=${encodeURIComponent(`"${word}"`)}`, textContent: word }) : word);
  const album = ({ id, name }) => element('a', { href: addresses.album.replace('{id}', id), textContent: name });
  const size = tile.width ? `${tile.width} × ${tile.height}, ` : '';
  add('Date', `${dayInWords(tile.taken)}, ${tile.taken.slice(11, 16)}`);
  if (tile.camera) add('Camera', tile.camera);
  if (tile.lens) add('Lens', tile.lens);
  if (tile.exposure) add('Exposure', tile.exposure);
  if (tile.albums) add('Albums', ...links(tile.albums, album));
  if (tile.keywords) add('Keywords', ...links(tile.keywords, search));
  add('File', element('bdi', { textContent: tile.name }));
  add('Size', `${size}${(tile.bytes / 1e6).toFixed(1)} MB`);
  const title = tile.title && tile.title !== tile.caption ? [element('h2', { textContent: tile.title })] : [];
  return [...title, ...(tile.caption ? [element('p', { textContent: tile.caption })] : []), rows];
}
