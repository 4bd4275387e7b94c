package wire

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Paging is how an operation answers a list page by page.
type Paging struct {
	Limit, Token string // the parameters
	Most         int    // in one answer, whatever Limit says
	Invalid      string // the code for a token that is not one of the same request
}

// Page is the part of a list that a call asks for, and the token of the next; empty: it is the last.
func Page[T any](cl *kernel.Call, all []T, p Paging) (page []T, next string, failed *kernel.Error) {
	most := p.Most
	if n, err := strconv.Atoi(fmt.Sprint(cl.Params[p.Limit])); err == nil && n > 0 {
		most = min(n, most)
	}
	from := 0
	if token := cl.Text(p.Token); token != "" {
		var sum string
		if n, err := fmt.Sscanf(token, "%d.%s", &from, &sum); n != 2 || err != nil || sum != p.sum(cl) || from < 0 ||
			from > len(all) {
			return nil, "", kernel.Refuse(p.Invalid, "The token is not one of this request.")
		}
	}
	page = all[from:min(from+most, len(all))]
	if from+most < len(all) {
		next = fmt.Sprintf("%d.%s", from+most, p.sum(cl))
	}
	return page, next, nil
}

// List is the answer of a call that lists: a page under the name of a member, with the next token under another.
func List(cl *kernel.Call, member string, all []any, next string, p Paging) (any, *kernel.Error) {
	page, token, failed := Page(cl, all, p)
	if failed != nil {
		return nil, failed
	}
	out := map[string]any{member: page}
	if token != "" {
		out[next] = token
	}
	return out, nil
}

// sum is good for the same request alone, whatever its pages' lengths.
func (p Paging) sum(cl *kernel.Call) string {
	asked := []string{cl.Op, cl.Who.Account, cl.Region}
	for _, name := range slices.Sorted(maps.Keys(cl.Params)) {
		if name != p.Token && name != p.Limit {
			asked = append(asked, name, fmt.Sprint(cl.Params[name]))
		}
	}
	return kernel.UUID(asked...)
}
