// Unpacks the browser into the folder that TMPDIR names, and prints where it is.
// The package's own default arguments are never used: they switch web security off.
import chromium from '@sparticuz/chromium';

console.log(await chromium.executablePath());
