// Runs in browsers too: no Node APIs here.

// Nothing of ours is a third as deep. JSON.parse reads what is nested a million deep, and whoever then walks through it overflows the stack.
const MAX_DEPTH = 20

/** Whether a JSON text is nested deeper than anything that we read. Brackets inside texts do not count. */
export function isDeep(text: string): boolean {
  let depth = 0
  let inText = false
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]!
    if (sign === '"') inText = !inText
    else if (inText) i += sign === '\\' ? 1 : 0
    else if (sign === '[' || sign === '{') {
      if (++depth > MAX_DEPTH) return true
    } else if (sign === ']' || sign === '}') depth--
  }
  return false
}
