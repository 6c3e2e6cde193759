// Browsers run no modules in a page that was opened from the disk: it stays the plain page that it is without scripts.
if (location.protocol === 'file:') document.documentElement.classList.remove('timeline');
