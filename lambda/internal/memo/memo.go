// Package memo keeps what was made of a value, for programs that make the same of it again and again. It does not know
// what is made, and forgets nothing by time.
package memo

import "sync"

// Memo keeps what was made of the last keys. It is safe for use by several goroutines.
type Memo[K comparable, V any] struct {
	most int
	mu   sync.Mutex
	made map[K]func() V
}

// New returns a memo that keeps what is made of at most so many keys, one or more. At one more it forgets them all: who
// comes back to a few keys makes each once.
func New[K comparable, V any](most int) *Memo[K, V] {
	return &Memo[K, V]{most: most, made: map[K]func() V{}}
}

// Of returns what make made of the key, and calls it where nothing is kept: once, however many ask at a time. The
// result is everybody's who asks for the key, and none of them may change it.
func (m *Memo[K, V]) Of(key K, make func() V) V {
	m.mu.Lock()
	made, ok := m.made[key]
	if !ok {
		if len(m.made) >= m.most {
			clear(m.made)
		}
		made = sync.OnceValue(make)
		m.made[key] = made
	}
	m.mu.Unlock()
	return made()
}
