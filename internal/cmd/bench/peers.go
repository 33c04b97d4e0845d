package main

// peersDate is when the clouds' own tools were measured.
const peersDate = "2026-11-29"

// peers is the table of the clouds' own tools. They are not measured by this program,
// which knows none of them: the figures are of another day, and of the same kind of
// machine.
func peers() string {
	t := table{head: []string{
		"measure", "zenlayercloud v0.2.28", "volcengine v0.0.196", "alicloud v1.275.0 *",
		"tencentcloud v1.83.25 *", "aliyun-cli v3.4.11",
	}}
	for _, row := range [][]string{
		{"stop of 1: time, calls", "8.3 s, 8", "8.6 s, 8", "7.1 s, 23", "8.6 s, 18", "6.9 s, 5"},
		{"stop of 20, parallelism 10: time, calls", "16.5 s, 160", "23.4 s, 131", "13.0 s, 460", "19.6 s, 360", "-"},
		{"stop of 20, parallelism 20: time, calls", "9.0 s, 160", "20.5 s, 120", "8.3 s, 460", "11.5 s, 350", "7.9 s, 5"},
		{"of these calls, stop calls", "20", "20", "20", "20", "1"},
		{"stop of 100, parallelism 100: time, calls", "11.9 s, 800", "-", "-", "-", "-"},
		{"empty plan of 20: time, calls", "0.64 s, 20", "2.9 s, 20", "1.8 s, 200", "1.2 s, 100", "-"},
		{
			"notice of the end of a stop of 5, 20 and 60 s", "2.5, 5.5, 5.6 s", "3.0, 6.0, 6.0 s", "-, 5.9 s, -",
			"-, 6.6 s, -", "up to 2 s",
		},
		{"calls of these stops", "8, 10, 14", "8, 10, 14", "-", "-", "5, 12, -"},
		{"processor time, stop of 20 at 20, empty plan of 20", "0.75 s, 0.41 s", "0.51 s, 0.27 s", "-", "-", "0.16 s, -"},
		{"memory, stop of 20", "33 MiB", "80 MiB *", "169 MiB", "152 MiB", "35 MiB"},
	} {
		t.add(row...)
	}
	return "Measured on " + peersDate + ", not on the day of the tables above, on two processors, against a local " +
		"stand-in\nfor the clouds in which a stop takes 5 seconds. Medians of three. Columns with a star are of " +
		"2026-11-22.\n\n" + t.String()
}
