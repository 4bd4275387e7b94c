package settings

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/file"
	"trailkeeper/lambda/config/route"
)

// RouteList is who gets what, with the groups that the routes name and no other: the file in the function's asset
// does not change when an account is added elsewhere in the organization.
func (s Settings) RouteList() route.List {
	list := route.List{Routes: s.Routes}
	for _, r := range s.Routes {
		for _, name := range r.Accounts {
			if accounts, ok := s.AccountGroups[name]; ok {
				if list.Groups == nil {
					list.Groups = map[string][]string{}
				}
				list.Groups[name] = accounts
			}
		}
	}
	return list
}

// RouteTopics are the ARNs of the topics that routes name besides the default one, each once, in their order.
func RouteTopics(s Settings) []string {
	var topics []string
	for _, r := range s.Routes {
		for _, arn := range r.Topics {
			if arn != s.SNS.TopicARN && !slices.Contains(topics, arn) {
				topics = append(topics, arn)
			}
		}
	}
	return topics
}

var errGroups = errors.New(`want {"groups": {name: [account IDs]}}, as trailkeeper accounts writes it`)

// ReadGroups reads the file that `trailkeeper accounts` writes.
func ReadGroups(content []byte) (map[string][]string, error) {
	read, err := file.Parse[struct {
		Groups map[string][]string `json:"groups"`
	}](content)
	if err != nil {
		return nil, errGroups
	}
	return read.Groups, nil
}

// addGroups adds the groups of the file. Those of the setting win.
func addGroups(s *Settings, read func(file string) (map[string][]string, error)) error {
	if read == nil || s.AccountGroupsFile == "" {
		return nil
	}
	fromFile, err := read(s.AccountGroupsFile)
	if err != nil {
		return fmt.Errorf("accountGroupsFile is %s: %w", show(s.AccountGroupsFile), err)
	}
	if len(fromFile) == 0 {
		return nil
	}
	all := maps.Clone(fromFile)
	maps.Copy(all, s.AccountGroups)
	s.AccountGroups = all
	return nil
}

// routing is what is wrong with the routes and the groups, and what the routes ask for that the other settings do not
// have.
func routing(s Settings, unread []string) []error {
	if concerns([]string{"routes"}, unread) || holdsCredential(s.Routes) || holdsCredential(s.AccountGroups) {
		return nil
	}
	list, without, groups := readRoutes(s, unread)
	var errs []error
	for _, err := range list.CheckRead(without, groups) {
		text := err.Error()
		if strings.HasPrefix(text, "groups") { // as the setting is called
			text = "accountG" + text[1:]
		}
		errs = append(errs, errors.New(redact(text)))
	}
	p := &problems{unread: unread, errs: errs}
	topics := len(without) > 0 // one that was not read may name a topic
	for i, r := range s.Routes {
		if !slices.Contains(without, i) {
			topics = topics || len(r.Topics) > 0
			routed(s, p, i, r)
		}
	}
	p.add(
		!topics && len(s.SNS.RouteKeyARNs) > 0,
		"sns.routeKeyArns",
		"sns.routeKeyArns has %s but no route names a topic; want none",
		count(len(s.SNS.RouteKeyARNs), "key"),
	)
	return p.errs
}

// routed adds what one route wants and the other settings do not have.
func routed(s Settings, p *problems, i int, r route.Route) {
	for j, to := range r.Slack {
		at := fmt.Sprintf("routes[%d].slack[%d]", i, j)
		p.add(
			!s.Slack.Enabled,
			"slack.enabled",
			"%s is %s but slack.enabled is false; want it true, with the destination of what fits no route",
			at,
			show(to),
		)
		p.add(
			s.Slack.Enabled && !strings.HasPrefix(to, SecretEndpoint) && !s.Slack.BotToken,
			"slack.botToken",
			"%s is %s but slack.botToken is false; a channel ID needs the bot token, a webhook is written %sKEY",
			at,
			show(to),
			SecretEndpoint,
		)
	}
	p.add(
		len(r.Topics) > 0 && !s.SNS.Enabled,
		"sns.enabled",
		"routes[%d].topics has %s but sns.enabled is false; want it true, with the topic of what fits no route",
		i,
		count(len(r.Topics), "topic"),
	)
}

// readRoutes returns the routes with the groups, and which routes and groups were not read as a whole. A group that was
// not read has an account of no meaning, so that the routes that name it can be checked.
func readRoutes(s Settings, unread []string) (list route.List, without []int, groups []string) {
	for i := range s.Routes {
		at := fmt.Sprintf("routes[%d]", i)
		if slices.ContainsFunc(unread, func(u string) bool { return u == at || strings.HasPrefix(u, at+".") }) {
			without = append(without, i)
		}
	}
	list = route.List{Groups: s.AccountGroups, Routes: s.Routes}
	names := groupsUnread(unread)
	if concerns([]string{"accountGroups", "accountGroupsFile"}, unread) {
		for _, r := range s.Routes {
			names = append(names, r.Accounts...)
		}
	}
	for _, name := range names {
		if _, known := list.Groups[name]; !known && !config.ValidAccount(name) {
			all := maps.Clone(list.Groups)
			if all == nil {
				all = make(map[string][]string)
			}
			all[name] = []string{"000000000000"}
			list.Groups = all
			groups = append(groups, name)
		}
	}
	return list, without, groups
}

// groupsUnread are the names of the single groups that could not be read.
func groupsUnread(unread []string) []string {
	var names []string
	for _, at := range unread {
		if name, ok := strings.CutPrefix(at, "accountGroups."); ok {
			names = append(names, name)
		}
	}
	return names
}

// HoldsBack reports whether some severities are kept from e-mail and text messages.
func (s SNS) HoldsBack() bool {
	return s.Enabled && s.EmailFrom != route.Severities()[0] && s.toPeople()
}

// EmailSeverities are those of which e-mail and text messages tell.
func (s SNS) EmailSeverities() []string {
	all := route.Severities()
	return all[max(0, slices.Index(all, s.EmailFrom)):]
}

// ForPeople reports whether a subscription's protocol is one that people read, to which EmailFrom applies.
func ForPeople(protocol string) bool {
	return slices.Contains([]string{"email", "email-json", "sms"}, protocol)
}

func (s SNS) toPeople() bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(s.Subscriptions)), ForPeople)
}
