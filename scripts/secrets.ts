/** How secrets look, whoever made them. */
export const secrets: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\\[rn]|\s)*(?:[A-Z][\w-]+: |[A-Za-z0-9+/]{32})/g, /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, /\bgh[pousr]_[A-Za-z0-9]{30,}/g, /\bgithub_pat_\w{40,}/g, /\bglpat-[\w-]{20,}/g,
  /\bxox[abprs]-[\w-]{10,}/g, /\bAIza[\w-]{35}/g, /\bsk_(?:live|test)_\w{16,}/g, /\bnpm_[A-Za-z0-9]{36}/g, /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g,
  /\$argon2id?\$v=\d+\$m=\d+,t=\d+,p=\d+\$[\w+/]{16,}/g,
]

/** An address with a name and a password in it. */
export const addressWithPassword = /\b(?:mysql|mariadb|postgres(?:ql)?|mongodb|redis|amqp|https?|ftp):\/\/[^\s/'"`:@]+:[^\s'"`@]+@/g

/** Folders of somebody's machine. */
export const foldersOfPeople: readonly RegExp[] = [/(?<![\w.:/-])\/(?:work|root|home|Users)\/[\w.-]+/g, /[A-Z]:\\(?:Users|work)\\[\w.-]+/g]
