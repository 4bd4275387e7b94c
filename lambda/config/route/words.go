package route

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/config"
)

// maxListed bounds how many groups or routes a message lists.
const maxListed = 10

// named lists routes as the subject of a sentence.
func named(routes []int) string {
	if len(routes) == 1 {
		return fmt.Sprintf("routes[%d] takes", routes[0])
	}
	if n := len(routes) - maxListed; n > 0 {
		return fmt.Sprintf("routes[%d] and %d others between it and this one take", routes[0], len(routes)-1)
	}
	names := make([]string, len(routes))
	for i, r := range routes {
		names[i] = fmt.Sprintf("routes[%d]", r)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last] + " take"
}

// described puts a case into words, such as "StopLogging of severity critical in account 111122223333".
func described(f Facts) string {
	text := "a message"
	if f.Event != "" {
		text = f.Event
	}
	if f.Severity != severities[0] {
		text += " of severity " + f.Severity
	}
	if f.Trail != "" {
		text += " about " + f.Trail
	}
	if f.Recipient != "" {
		text += " in account " + f.Recipient
	}
	return text
}

// listed is names for a message, each bounded, and how many more there are.
func listed(names []string) string {
	more := ""
	if n := len(names) - maxListed; n > 0 {
		names, more = names[:maxListed], fmt.Sprintf(" and %d more", n)
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%.60q", config.Shown(name))
	}
	return strings.Join(quoted, ", ") + more
}
