// Package pages reads a list of AWS's page by page, and no further than a bound: whoever may fill a list must not keep a
// check busy. It knows no list.
package pages

// Most is how many pages of a list are asked for.
const Most = 20

// Read calls ask for one page after the other, with the token of the page before, until there is no further one. It
// reports whether there were more than Most, which were not read; the error is that of ask.
func Read(ask func(token *string) (next *string, err error)) (more bool, err error) {
	var token *string
	for range Most {
		if token, err = ask(token); err != nil || token == nil || *token == "" {
			return false, err
		}
	}
	return true, nil
}
