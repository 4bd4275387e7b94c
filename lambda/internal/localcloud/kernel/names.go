package kernel

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"trailkeeper/events"
)

// Names knows what resources are called in entries: by their logical IDs without CDK's hash. It also knows which were
// deleted, whether a template holds them or not.
type Names struct {
	mu      sync.Mutex
	strict  bool
	ids     map[string]string // by ARN
	deleted map[string]bool   // by ARN
	owners  map[string]string // the accounts of buckets, by ARN
}

// Make says that a resource of an account exists that no template holds.
func (n *Names) Make(arn, account string) {
	n.Delete(arn, false)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.owners[arn] = account
}

// OwnerOf is the account of a resource that was made, which a bucket's ARN does not say.
func (n *Names) OwnerOf(arn string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.owners[arn]
}

// Made reports whether a resource exists that no template holds: one that was made and not deleted, and unless the run
// is strict, every other that was not deleted.
func (n *Names) Made(arn string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	deleted, known := n.deleted[arn]
	return !deleted && (known || !n.strict)
}

// Delete deletes a resource, or undoes it.
func (n *Names) Delete(arn string, deleted bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.deleted[arn] = deleted
}

// Deleted reports whether a resource was deleted.
func (n *Names) Deleted(arn string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.deleted[arn]
}

// Name gives a resource its name.
func (n *Names) Name(arn, id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ids[arn] = id
}

// NameOf is the name of a resource; of one that is in no template, the end of its ARN.
func (n *Names) NameOf(arn string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if id, ok := n.ids[arn]; ok {
		return id
	}
	return arn[strings.LastIndexAny(arn, ":/")+1:]
}

// ARNOf is the ARN of a resource; empty: none has that name.
func (n *Names) ARNOf(name string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []string
	for arn, id := range n.ids {
		if id == name {
			all = append(all, arn)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return slices.Min(all)
}

// After says after how many attempts something was given up.
func After(n int, one, many string) string {
	if n == 1 {
		return "after 1 " + one
	}
	return fmt.Sprintf("after %d %s", n, many)
}

// Has reports whether some resource's ARN holds a text, such as ":sns:".
func (n *Names) Has(text string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for arn := range n.ids {
		if strings.Contains(arn, text) {
			return true
		}
	}
	return false
}

// ARN is an ARN by its parts; what is none has none.
func ARN(arn string) events.ARN {
	a, _ := events.ParseARN(arn)
	return a
}

// PlaceOf is where a call is made.
func (k *Kernel) PlaceOf(cl *Call) events.Place {
	return events.Place{Partition: k.Partition, Region: cl.Region, Account: cl.Who.Account}
}
