package expression

// spare keeps the objects that were made of a record, to use them again for the next.
type spare struct {
	used, free []map[string]any
	top        map[string]any // that of the record itself, which is large
}

// The bounds of what is kept of a record that is larger than most.
const (
	maxSpare   = 64 // objects
	maxMembers = 64 // of one of them
	// mostMembers is what most records have at most. Go's maps of so many take half the memory of those of one more.
	mostMembers = 28
)

// object is an empty one.
func (s *spare) object(top bool) map[string]any {
	if top {
		if s.top == nil {
			s.top = make(map[string]any, mostMembers)
		}
		return s.top
	}
	var of map[string]any
	if last := len(s.free) - 1; last >= 0 {
		of, s.free = s.free[last], s.free[:last]
	} else {
		of = map[string]any{}
	}
	if len(s.used) < maxSpare {
		s.used = append(s.used, of)
	}
	return of
}

// reuse takes back what was given.
func (s *spare) reuse() {
	if len(s.top) > maxMembers {
		s.top = nil
	}
	clear(s.top)
	for i, of := range s.used {
		if len(of) <= maxMembers {
			clear(of)
			s.free = append(s.free, of)
		}
		s.used[i] = nil
	}
	s.used = s.used[:0]
}
