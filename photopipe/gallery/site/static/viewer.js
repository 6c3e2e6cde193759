import PhotoSwipe from './photoswipe/photoswipe.esm.min.js';
import { dayInWords, element, toast } from './dom.js';

const ICONS = {
  details: '<path d="M14.5 13h3v10h-3zM14.5 8.500h3v3h-3zM16 3a13 13 0 1 0 0 26 13 13 0 0 0 0-26Zm0 23.500a10.500 10.500 0 1 1 0-21 10.500 10.500 0 0 1 0 21Z"/>',
  download: '<path d="M14.700 5h2.600v12.200l4.200-4.200 1.900 1.900L16 22.300 8.600 14.900l1.900-1.900 4.200 4.200zM7 25h18v2.600H7z"/>',
  original: '<path d="M8 4h11l6 6v18H8Zm2.600 2.600v18.800h11.800V11.500h-5V6.600Zm2.400 9h6.600v2.200H13Zm0 4.400h6.600v2.200H13Z"/>',
  remove: '<path d="M12.500 4h7l1 2H26v2.600H6V6h5.500ZM8 11h2.600v14.400h10.800V11H24v17H8Zm5 2h2.300v10H13Zm3.700 0H19v10h-2.300Z"/>',
};
const sheet = element('link', { rel: 'stylesheet', href: new URL('photoswipe/photoswipe.css', import.meta.url).href });
const styled = new Promise((resolve) => { sheet.onload = sheet.onerror = resolve; });
document.head.prepend(sheet);

/** Opens the viewer over the whole gallery. */
export async function open(index, grid, photos) {
  await Promise.all([styled, photos.full(index)]);
  const viewer = new Viewer(grid, photos);
  viewer.pswp.init(index);
}
