postern_fuzz(delivery_report LINKS postern::message)
postern_fuzz(message_summary LINKS postern::message)
postern_fuzz(message_view LINKS postern::message)
postern_fuzz(submission LINKS postern::message)
