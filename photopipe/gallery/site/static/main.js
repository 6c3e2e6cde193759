import { photosInWords, toast } from './dom.js';
import { Grid } from './grid.js';
import { live } from './live.js';
import { Photos } from './photos.js';
import { scrubber } from './scrubber.js';

const main = document.getElementById('photos');
const photos = new Photos(main.dataset);
const grid = new Grid(main, photos);
const viewer = () => import('./viewer.js');

// A page of older photos, made for browsers without scripts, is turned into the whole gallery, scrolled to there.
const isLater = 'later' in main.dataset;
const start = main.querySelector('.day')?.dataset.day;
if (!isLater) photos.adopt(main.querySelectorAll('.day'));
main.replaceChildren();
main.classList.add('ready');
for (const nav of document.querySelectorAll('.paging')) nav.remove();
grid.update();

grid.moved = scrubber(grid, photos);
photos.refresh().then(() => {
  if (isLater && start) requestAnimationFrame(() => grid.scrollTo(photos.days.find(({ day }) => day <= start)?.top ?? 0));
  if (main.dataset.events) live(main.dataset.events, grid, photos);
}).catch((error) => toast(`The gallery does not answer (${error.message}).`, 'Try again', () => location.reload()));

const update = grid.update.bind(grid);
grid.update = () => {
  update();
  document.getElementById('count').textContent = photosInWords(photos.total);
  document.getElementById('empty').hidden = photos.total > 0;
};

main.addEventListener('pointerover', viewer, { once: true });  // it is there when it is needed
main.addEventListener('click', async (event) => {
  const link = event.target.closest('a.photo');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  try {
    (await viewer()).open(photos.indexOf(link.dataset.id), grid, photos);
  } catch {
    location.assign(link.href);  // the page of the photo needs no script
  }
});
