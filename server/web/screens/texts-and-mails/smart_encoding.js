// Characters that can be sent in seven bits as others that look or mean the same: the server's table
// (`server/texts/smart_encoding.py`), to what they become; a test compares the two.

// From a printable character to its full-width form.
const WIDE = 0xfee0;
// Each before what it becomes.
const SMALL_CAPITALS = "\u1d00A\u0299B\u1d04C\u1d05D\u1d07E\ua730F\u0262G\u029cH\u026aI\u1d0aJ\u1d0bK\u029fL" +
  "\u1d0dM\u0274N\u1d0fO\u1d18P\u0280R\ua731S\u1d1bT\u1d1cU\u1d20V\u1d21W\u028fY\u1d22Z";
const ALIKE = [
  ["!", "\u01c3\ufe15\ufe57"],
  ["\"", "\u00ab\u00bb\u02ba\u02ee\u201c\u201d\u201e\u201f\u275d\u275e\u301d\u301e\u2033\u2036"],
  ["#", "\ufe5f"],
  ["$", "\ufe69"],
  ["%", "\ufe6a"],
  ["&", "\ufe60"],
  ["'",
    "\uff40`\u00b4\u02b9\u02bb\u02bc\u02bd\u02c8\u02ca\u02cb\u0313\u0314\u2018\u2019\u201b" +
    "\u275b\u275c\ufe10\ufe11\u2032\u2035"],
  ["(", "\u2768\u276a\u27ee\u2985\ufe59"],
  [")", "\u2769\u276b\u27ef\u2986\ufe5a"],
  ["*",
    "\u204e\u2217\u229b\u2722\u2723\u2724\u2725\u2731\u2732\u2733\u273a\u273b\u273c\u273d\u2743" +
    "\u2749\u274a\u274b\u29c6\ufe61"],
  ["+", "\u02d6\ufe62"],
  [",", "\u0326\u201a\u3001\ufe50\ufe51\uff64"],
  ["-",
    "\u2010\u2011\u2212\u2013\u2014\u2015\u2022\u2043\u23bc\u23bd\ufe63\u2012\u00b7\u2219\u2027" +
    "\u2023\u25e6\u25aa\u25cf\u25cb\u25a0\u25a1"],
  [".", "\u3002\ufe52\uff61"],
  ["/", "\u00f7\u0337\u0338\u2044\u2215\u29f8"],
  [":", "\u02d0\u02f8\u2982\ua789\ufe13"],
  [";", "\u204f\ufe14\ufe54"],
  ["<", "\u2039\ufe64"],
  ["=", "\u0347\ua78a\ufe66"],
  [">", "\u203a\ufe65"],
  ["?", "\ufe16\ufe56"],
  ["@", "\ufe6b"],
  ["\\", "\u20e5\u29f5\u29f9\ufe68"],
  ["^", "\u02c6\u0302\u1dcd"],
  ["_", "\u0332\u2017"],
  ["{", "\u2774\ufe5b"],
  ["|", "\u20d2\u20d3\u2223\u239c\u239f\u23b8\u23b9\u23d0"],
  ["}", "\u2775\ufe5c"],
  ["~", "\u02dc\u02f7\u0303\u0330\u0334\u223c\u2248"],
  ["1/4", "\u00bc"],
  ["1/2", "\u00bd"],
  ["3/4", "\u00be"],
  ["1/3", "\u2153"],
  ["2/3", "\u2154"],
  ["fi", "\ufb01"],
  ["fl", "\ufb02"],
  ["x", "\u00d7"],
  [" ",
    "\u0009\u0080\u008d\u0090\u009b\u009f\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007" +
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"],
  ["",
    "\u0000\u0003\u0004\u0010\u0011\u0012\u0013\u0014\u0017\u0019\u200b\u200c\u2060\u00ad\ufeff" +
    "\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufe0e\ufe0f"],
  ["!!", "\u203c"],
  ["...", "\u2026"],
  ["->", "\u2192\u2794"],
  ["<-", "\u2190"],
  ["=>", "\u21d2"],
  ["<=", "\u2264"],
  [">=", "\u2265"],
  ["+/-", "\u00b1"],
  ["(c)", "\u00a9"],
  ["(R)", "\u00ae"],
  ["(TM)", "\u2122"],
  ["No.", "\u2116"],
  ["1", "\u00b9"],
  ["2", "\u00b2"],
  ["3", "\u00b3"],
  ["o", "\u00ba"],
  ["a", "\u00aa"],
  [" deg ", "\u00b0"],
];

const printable = Array.from({ length: 94 }, (_, at) => String.fromCharCode(at + 0x21));

export const PLAIN = new Map([
  ...printable.map((one) => [String.fromCharCode(one.charCodeAt() + WIDE), one]),
  ...SMALL_CAPITALS.match(/../g).map((pair) => [...pair]),
  ...ALIKE.flatMap(([plain, all]) => [...all].map((one) => [one, plain])),
]);
