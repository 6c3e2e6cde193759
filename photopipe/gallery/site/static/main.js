import { countInWords, toast } from './dom.js';
import { Grid } from './grid.js';
import { live } from './live.js';
import { Photos } from './photos.js';
import { scrubber } from './scrubber.js';

const main = document.getElementById('photos');
const photos = new Photos(main.dataset);
const grid = new Grid(main, photos);
const loadViewer = () => import('./viewer.js');

photos.adopt(main.children);
main.replaceChildren();
main.classList.add('ready');
document.querySelector('.paging')?.remove();
grid.update();
const moveScrubber = scrubber(grid, photos);
photos.refresh().then(() => {
  grid.moved = (isScrolled) => {
    moveScrubber(isScrolled);
    document.getElementById('count').textContent = countInWords(photos.total);
  };
  if (main.dataset.events) live(main.dataset.events, photos);
}).catch((error) => toast(`The gallery does not answer: ${error.message}`, 'Try again', () => location.reload()));

main.addEventListener('pointerover', loadViewer, { once: true });
main.addEventListener('click', async (event) => {
  const link = event.target.closest('a.photo');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  try {
    await (await loadViewer()).open(photos.indexOf(link.dataset.id), grid, photos);
  } catch (error) {
    console.warn(error.message);
    location.assign(link.href);  // the page of the photo needs no script
  }
});
