package expression

import (
	"net/netip"
	"strings"
	"sync"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// list is a named list. A value is in it that it names, that lies in a network which it names, or that is as a pattern
// with "*" says.
type list struct {
	traits.Lister
	name     string
	read     func() // reads the values into what follows, once
	values   map[string]bool
	networks []netip.Prefix
	globs    []string
}

func newList(name string, values []string) *list {
	l := &list{Lister: types.NewStringList(adapter{}, values), name: name, values: map[string]bool{}}
	l.read = sync.OnceFunc(func() {
		for _, v := range values {
			l.values[v] = true
			if prefix, err := network(v); err == nil {
				l.networks = append(l.networks, prefix)
			} else if strings.Contains(v, "*") {
				l.globs = append(l.globs, v)
			}
		}
	})
	return l
}

func (l *list) has(text string) bool {
	if l.read(); l.values[text] {
		return true
	}
	if address, err := netip.ParseAddr(text); err == nil && len(l.networks) > 0 {
		for _, n := range l.networks {
			if n.Contains(address.Unmap()) {
				return true
			}
		}
	}
	for _, g := range l.globs {
		if glob(text, g) {
			return true
		}
	}
	return false
}

var _ ref.Val = (*list)(nil)
