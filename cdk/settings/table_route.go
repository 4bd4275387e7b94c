package settings

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"trailkeeper/lambda/config/route"
)

func routeSettings() []setting {
	return []setting{
		routes("routes",
			"[Who is notified](../lambda/README.md#notification-routing): the first route that fits counts. "+
				"Objects with `slack` (channel IDs for the bot token, `secret:KEY` for the webhook under KEY in the "+
				"secret), `topics` (ARNs), and the conditions `accounts` (IDs and groups), `severity` (the least), "+
				"`events` and `trails`."),
		groups("accountGroups",
			"Groups of accounts for `routes`: name to account IDs. They win over those of `accountGroupsFile`."),
		text(
			"accountGroupsFile",
			func(s *Settings) *string { return &s.AccountGroupsFile },
			func(v string) bool { return v == "" || filepath.IsLocal(v) },
			"a file below the folder of cdk.json",
			"File of the groups that `trailkeeper accounts` writes, one for each organizational unit. It need not "+
				"exist.",
		),
		texts("accountNames", func(s *Settings) *map[string]string { return &s.AccountNames }, checkAccountName,
			"an object of account ID: name", "Names that messages show beside the IDs of accounts."),
		flag("testAlert.weekly", func(s *Settings) *bool { return &s.TestAlert.Weekly },
			"Send a test alert on Mondays at 09:07 UTC. With `alarms`, one that does not come through raises an "+
				"alarm, and so does a week without one."),
	}
}

// routes reads the list; what is wrong with its values is a matter of the groups as well, see Settings.routing.
func routes(key, doc string) setting {
	type t = route.Route
	s := setting{
		key:    key,
		doc:    doc,
		want:   "an array of objects",
		nested: true,
	}
	s.value = func(all *Settings) any { return all.Routes }
	s.read = partly(s, func(all *Settings) *[]t { return &all.Routes }, []field[t]{
		filled("accounts", "an array of account IDs and names of groups", func(r *t) *[]string { return &r.Accounts }),
		texted("severity", "low, medium, high or critical", func(r *t) *string { return &r.Severity }),
		filled(
			"events",
			"an array of calls such as StopLogging and findings such as weakened",
			func(r *t) *[]string { return &r.Events },
		),
		filled("trails", "an array of ARNs of trails", func(r *t) *[]string { return &r.Trails }),
		listed("slack", "an array of channel IDs and "+SecretEndpoint+"KEY", func(r *t) *[]string { return &r.Slack }),
		listed("topics", "an array of ARNs of SNS topics", func(r *t) *[]string { return &r.Topics }),
	})
	s.check = func(*Settings) []error { return nil }
	return s
}

// groups is an object of arrays of texts.
func groups(key, doc string) setting {
	s := setting{
		key:    key,
		doc:    doc,
		want:   "an object of group: array of account IDs",
		nested: true,
	}
	s.value = func(all *Settings) any { return all.AccountGroups }
	s.read = func(all *Settings, v any) error {
		object, ok := v.(map[string]any)
		if !ok {
			return s.mismatch(v)
		}
		all.AccountGroups = make(map[string][]string, len(object))
		var errs several
		for _, name := range slices.Sorted(maps.Keys(object)) {
			values, ok := textsIn(object[name])
			if !ok {
				errs = append(
					errs,
					misread{
						fmt.Errorf("%s.%s is %s; want an array of account IDs", key, showName(name), shape(object[name])),
						key + "." + name,
					},
				)
				continue
			}
			all.AccountGroups[name] = values
		}
		if len(errs) > 0 {
			return errs
		}
		return nil
	}
	s.check = func(*Settings) []error { return nil }
	return s
}

// textsIn returns the elements of an array of texts, and false for anything else.
func textsIn(v any) ([]string, bool) {
	elements, ok := v.([]any)
	values := make([]string, 0, len(elements))
	for _, e := range elements {
		value, isText := e.(string)
		values, ok = append(values, value), ok && isText
	}
	return values, ok
}

var errGroups = errors.New(`want {"groups": {name: [account IDs]}}, as trailkeeper accounts writes it`)
