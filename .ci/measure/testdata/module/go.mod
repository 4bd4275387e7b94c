module trailkeeper

go 1.26
