/** Characters of a password, at least; the service holds the same. */
export const SHORTEST_PASSWORD = 12
